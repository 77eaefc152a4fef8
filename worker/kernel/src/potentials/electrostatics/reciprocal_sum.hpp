// The part of an Ewald sum in k-space: phases of every atom along each axis, structure factors, forces. Every sum has a
// fixed order. Included by electrostatics.dual.cpp only.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "geometry/lattice.hpp"
#include "potentials/electrostatics/coulomb_model.hpp"
#include "potentials/electrostatics/formulas.hpp"
#include "potentials/electrostatics/placement.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

template <class Real>
struct Complex {
  Real re, im;
  MOFK_HD Complex operator*(const Complex& b) const { return {re * b.re - im * b.im, re * b.im + im * b.re}; }
};

/// A k-vector with its weight at the present cell.
template <class Real>
struct Wave {
  Real k[3];    ///< 1/A
  Real weight;  ///< see k_weight; times a squared structure factor it is an energy, eV
};

/// Six numbers of a symmetric matrix, xx yy zz yz xz xy, and an energy.
struct EnergyVirial {
  double energy;
  double virial[6];
  MOFK_HD EnergyVirial& operator+=(const EnergyVirial& other) {
    energy += other.energy;
    for (int a = 0; a < 6; ++a) virial[a] += other.virial[a];
    return *this;
  }
};

/// exp(i k.r) from the phases of an atom along the three axes; `phases` [n][n_atoms] for n = 0 …, one table per axis.
template <class Real>
MOFK_HD inline Complex<Real> axis_phase(const Complex<Real>* phases, int n_atoms, int atom, int n) {
  Complex<Real> phase = phases[(n < 0 ? -n : n) * n_atoms + atom];
  if (n < 0) phase.im = -phase.im;
  return phase;
}

/// Real: phases and products; Accumulator: sums over atoms and over k-vectors up to a force.
template <class Real, class Accumulator>
class ReciprocalSum {
 public:
  ReciprocalSum(const Context& context, const electrostatics::CoulombModel& model)
      : context_(context),
        k_cutoff_host_(model.k_cutoff),
        n_structures_(model.n_structures),
        n_atoms_(model.n_atoms),
        n_force_lanes_(kIsCuda ? std::clamp(65536 / std::max(1, model.n_atoms), 1, 64) : 1),
        charges_(context, std::span<const Real>(std::vector<Real>(model.charges.begin(), model.charges.end()))),
        k_cutoff_(context, std::span<const double>(model.k_cutoff)),
        alpha_(context),
        first_k_(context),
        index_(context),
        structure_of_k_(context),
        waves_(context),
        wave_slopes_(context),
        partial_factors_(context),
        factors_(context),
        phases_(context),
        list_cells_(context),
        latest_cells_(context, static_cast<std::size_t>(model.n_structures) * 9),
        has_left_list_(context, 1),
        lane_fields_(context, static_cast<std::size_t>(model.n_atoms) * static_cast<std::size_t>(n_force_lanes_)),
        sums_(context, static_cast<std::size_t>(model.n_structures)) {
    std::vector<double> alpha;
    for (const auto& splitting : model.splitting) alpha.push_back(splitting.alpha);
    alpha_.upload(alpha);
    has_left_list_.fill_zero();
  }

  /// Potential and its negative gradient at every atom, times its charge.
  struct Field {
    Accumulator potential;
    Accumulator force[3];
  };

  void evaluate(const Batch& batch) {
    if (list_cells_.size() == 0) list_anew(batch.cells.to_host());
    compute_waves(batch);
    if constexpr (!kIsCuda) {
      // Nothing is queued here, so nothing has to be repeated.
      if (has_left_list_.to_host()[0] != 0) {
        has_left_list_.fill_zero();
        list_anew(batch.cells.to_host());
        compute_waves(batch);
      }
    }
    compute_phases(batch);
    sum_factors(batch);
    sum_waves();
    sum_fields(batch);
  }

  /// False: a cell has changed too much for the listed k-vectors; they have been listed anew.
  [[nodiscard]] bool confirm() {
    is_renewed_ = list_cells_.size() != 0 && has_left_list_.to_host()[0] != 0;
    if (!is_renewed_) return true;
    has_left_list_.fill_zero();
    list_anew(latest_cells_.to_host());
    return false;
  }

  /// The list of a run that is resumed. Who goes back because confirm() said no keeps the new list: with the old one he
  /// would come to the same place again, for ever.
  void restore(const std::vector<double>& cells) {
    if (!is_renewed_) list_anew(cells);
  }

  [[nodiscard]] std::vector<double> list_cells() const { return list_cells_.to_host(); }

  void list_anew(const std::vector<double>& cells) {
    const electrostatics::KVectors list = electrostatics::list_k_vectors(cells, k_cutoff_host_);
    const auto n = static_cast<std::size_t>(list.n());
    n_k_ = list.n();
    first_k_.upload(list.first);
    index_.upload(list.index);
    structure_of_k_.upload(list.structure);
    waves_.resize(n);
    wave_slopes_.resize(n);
    factors_.resize(n);
    partial_factors_.resize(n * kFactorLanes);
    largest_ = list.largest;
    std::size_t n_phases = 0;
    for (std::size_t a = 0; a < 3; ++a) n_phases += static_cast<std::size_t>(largest_[a] + 1);
    phases_.resize(n_phases * static_cast<std::size_t>(n_atoms_));
    list_cells_.upload(cells);
  }

  /// [n_atoms] after evaluate().
  [[nodiscard]] const Field* fields() const { return lane_fields_.data(); }
  /// [n_structures] after evaluate().
  [[nodiscard]] const EnergyVirial* sums() const { return sums_.data(); }

  // The steps of evaluate(); public because nvcc wants device lambdas in public member functions.

  void compute_waves(const Batch& batch) {
    const double* const cells = batch.cells.data();
    const double* const list_cells = list_cells_.data();
    const double* const alpha = alpha_.data();
    const double* const k_cutoff = k_cutoff_.data();
    const std::array<int, 3>* const index = index_.data();
    const int* const structure_of_k = structure_of_k_.data();
    Wave<Real>* const waves = waves_.data();
    double* const slopes = wave_slopes_.data();
    int* const has_left_list = has_left_list_.data();
    latest_cells_.copy_from(batch.cells);
    parallel_for(
        context_, n_structures_,
        MOFK_LAMBDA(int s) {
          const double change = relative_change(list_cells + 9 * s, cells + 9 * s);
          if (!(change <= electrostatics::kListSlack)) *has_left_list = 1;
        },
        256);
    parallel_for(
        context_, n_k_,
        MOFK_LAMBDA(int w) {
          const int s = structure_of_k[w];
          double rows[9];
          reciprocal_rows(cells + 9 * s, rows);
          const double n[3] = {1.0 * index[w][0], 1.0 * index[w][1], 1.0 * index[w][2]};
          double k[3];
          row_times_matrix(n, rows, k);
          double squared = 0.0;
          for (int a = 0; a < 3; ++a) {
            squared += k[a] * k[a];
            waves[w].k[a] = static_cast<Real>(k[a]);
          }
          waves[w].weight = static_cast<Real>(
              electrostatics::k_weight(squared, alpha[s], fabs(determinant(cells + 9 * s)), k_cutoff[s], slopes[w]));
        },
        512);
  }

  void compute_phases(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int n_atoms = n_atoms_;
    const std::array<int, 3> largest = largest_;
    Complex<Real>* const phases = phases_.data();
    parallel_for(
        context_, n_atoms,
        MOFK_LAMBDA(int i) {
          double inverse[9];
          invert(cells + 9 * structure_of_atom[i], inverse);
          double fractional[3];
          row_times_matrix(positions + 3 * i, inverse, fractional);
          Complex<Real>* table = phases + i;
          for (int a = 0; a < 3; ++a) {
            const double angle = 2 * std::numbers::pi * (fractional[a] - floor(fractional[a]));
            const Complex<double> step{cos(angle), sin(angle)};
            Complex<double> phase{1.0, 0.0};
            // By recurrence in double: n steps lose n roundings, far below the accuracy of a sum in any precision.
            for (int n = 0; n <= largest[a]; ++n, table += n_atoms) {
              *table = {static_cast<Real>(phase.re), static_cast<Real>(phase.im)};
              phase = phase * step;
            }
          }
        },
        256);
  }

  void sum_factors(const Batch& batch) {
    const int n_atoms = n_atoms_;
    const int* const first_atom = batch.first_atom.data();
    const int* const structure_of_k = structure_of_k_.data();
    const std::array<int, 3>* const index = index_.data();
    const Complex<Real>* const phases_a = phases_.data();
    const Complex<Real>* const phases_b = phases_a + (largest_[0] + 1) * n_atoms;
    const Complex<Real>* const phases_c = phases_b + (largest_[1] + 1) * n_atoms;
    const Real* const charges = charges_.data();
    Complex<Accumulator>* const partial = partial_factors_.data();
    parallel_for(
        context_, n_k_ * kFactorLanes,
        MOFK_LAMBDA(int lane) {
          const int w = lane / kFactorLanes;
          const int s = structure_of_k[w];
          Complex<Accumulator> sum{0, 0};
          for (int i = first_atom[s] + lane % kFactorLanes; i < first_atom[s + 1]; i += kFactorLanes) {
            const Complex<Real> phase = axis_phase(phases_a, n_atoms, i, index[w][0]) *
                                        axis_phase(phases_b, n_atoms, i, index[w][1]) *
                                        axis_phase(phases_c, n_atoms, i, index[w][2]);
            sum.re += charges[i] * phase.re;
            sum.im += charges[i] * phase.im;
          }
          partial[lane] = sum;
        },
        4);
    Complex<Accumulator>* const factors = factors_.data();
    parallel_for(
        context_, n_k_, MOFK_LAMBDA(int w) {
          Complex<Accumulator> sum = partial[w * kFactorLanes];
          for (int lane = 1; lane < kFactorLanes; ++lane) {
            sum.re += partial[w * kFactorLanes + lane].re;
            sum.im += partial[w * kFactorLanes + lane].im;
          }
          factors[w] = sum;
        });
  }

  void sum_waves() {
    const Wave<Real>* const waves = waves_.data();
    const double* const slopes = wave_slopes_.data();
    const Complex<Accumulator>* const factors = factors_.data();
    segmented_reduce<Sum>(
        context_, n_structures_, first_k_.data(), EnergyVirial{},
        MOFK_LAMBDA(int w) {
          const double re = factors[w].re;
          const double im = factors[w].im;
          const double squared = re * re + im * im;
          const double x = waves[w].k[0];
          const double y = waves[w].k[1];
          const double z = waves[w].k[2];
          const double energy = waves[w].weight * squared;
          const double f = slopes[w] * squared;
          return EnergyVirial{
              energy, {f * x * x - energy, f * y * y - energy, f * z * z - energy, f * y * z, f * x * z, f * x * y}};
        },
        sums_.data());
  }

  void sum_fields(const Batch& batch) {
    const int n_atoms = n_atoms_;
    const int n_lanes = n_force_lanes_;
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first_k = first_k_.data();
    const std::array<int, 3>* const index = index_.data();
    const Wave<Real>* const waves = waves_.data();
    const Complex<Accumulator>* const factors = factors_.data();
    const Complex<Real>* const phases_a = phases_.data();
    const Complex<Real>* const phases_b = phases_a + (largest_[0] + 1) * n_atoms;
    const Complex<Real>* const phases_c = phases_b + (largest_[1] + 1) * n_atoms;
    const Real* const charges = charges_.data();
    Field* const fields = lane_fields_.data();
    parallel_for(
        context_, n_atoms * n_lanes,
        MOFK_LAMBDA(int thread) {
          const int i = thread % n_atoms;
          const int lane = thread / n_atoms;
          const int s = structure_of_atom[i];
          const int n_waves = first_k[s + 1] - first_k[s];
          const int per_lane = (n_waves + n_lanes - 1) / n_lanes;
          const int begin = lane * per_lane < n_waves ? lane * per_lane : n_waves;
          const int end = begin + per_lane < n_waves ? begin + per_lane : n_waves;
          Field field{};
          for (int w = first_k[s] + begin; w < first_k[s] + end; ++w) {
            const Complex<Real> phase = axis_phase(phases_a, n_atoms, i, index[w][0]) *
                                        axis_phase(phases_b, n_atoms, i, index[w][1]) *
                                        axis_phase(phases_c, n_atoms, i, index[w][2]);
            const Real scale = Real(2) * waves[w].weight;
            const Real re = scale * static_cast<Real>(factors[w].re);
            const Real im = scale * static_cast<Real>(factors[w].im);
            const Real slope = re * phase.im - im * phase.re;
            field.potential += re * phase.re + im * phase.im;
            for (int a = 0; a < 3; ++a) field.force[a] += slope * waves[w].k[a];
          }
          field.potential *= charges[i];
          for (int a = 0; a < 3; ++a) field.force[a] *= charges[i];
          fields[thread] = field;
        },
        4);
    if (n_lanes == 1) return;
    parallel_for(
        context_, n_atoms, MOFK_LAMBDA(int i) {
          Field sum = fields[i];
          for (int lane = 1; lane < n_lanes; ++lane) {
            const Field& other = fields[lane * n_atoms + i];
            sum.potential += other.potential;
            for (int a = 0; a < 3; ++a) sum.force[a] += other.force[a];
          }
          fields[i] = sum;
        });
  }

 private:
  /// Atoms of one structure factor are shared out over this many threads on a GPU.
  static constexpr int kFactorLanes = kIsCuda ? 32 : 1;

  const Context& context_;
  std::vector<double> k_cutoff_host_;
  int n_structures_;
  int n_atoms_;
  int n_k_ = 0;
  int n_force_lanes_;
  std::array<int, 3> largest_{};
  Buffer<Real> charges_;
  Buffer<double> k_cutoff_, alpha_;
  Buffer<int> first_k_;               // [n_structures + 1]
  Buffer<std::array<int, 3>> index_;  // [n_k]
  Buffer<int> structure_of_k_;        // [n_k]
  Buffer<Wave<Real>> waves_;          // [n_k]
  Buffer<double> wave_slopes_;        // [n_k]
  Buffer<Complex<Accumulator>> partial_factors_, factors_;
  Buffer<Complex<Real>> phases_;  // [axis][n][n_atoms]
  Buffer<double> list_cells_, latest_cells_;
  Buffer<int> has_left_list_;
  bool is_renewed_ = false;    ///< since the evaluations that the last confirm() called void
  Buffer<Field> lane_fields_;  // [lane][n_atoms]
  Buffer<EnergyVirial> sums_;
};

}  // namespace mofkernel::MOFK_NS
