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
#include "potentials/electrostatics/wave_list.hpp"
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
        n_structures_(model.n_structures),
        n_atoms_(model.n_atoms),
        n_force_lanes_(kIsCuda ? std::clamp(65536 / std::max(1, model.n_atoms), 1, 64) : 1),
        charges_(context, std::span<const Real>(std::vector<Real>(model.charges.begin(), model.charges.end()))),
        k_cutoff_(context, std::span<const double>(model.k_cutoff)),
        alpha_(context),
        list_(context, model.k_cutoff),
        waves_(context),
        wave_slopes_(context),
        partial_factors_(context),
        factors_(context),
        phases_(context),
        lane_fields_(context, static_cast<std::size_t>(model.n_atoms) * static_cast<std::size_t>(n_force_lanes_)),
        sums_(context, static_cast<std::size_t>(model.n_structures)) {
    std::vector<double> alpha;
    for (const auto& splitting : model.splitting) alpha.push_back(splitting.alpha);
    alpha_.upload(alpha);
  }

  /// Potential and its negative gradient at every atom, times its charge.
  struct Field {
    Accumulator potential;
    Accumulator force[3];
  };

  void evaluate(const Batch& batch) {
    list_.update(batch);
    reserve();
    compute_waves(batch);
    compute_phases(batch);
    sum_factors(batch);
    sum_waves();
    sum_fields(batch);
  }

  /// As WaveList::confirm().
  [[nodiscard]] bool confirm() { return list_.confirm(); }
  [[nodiscard]] ListReference list_reference() const { return list_.reference(); }
  void restore(const ListReference& reference) { list_.restore(reference); }

  /// [n_atoms] after evaluate().
  [[nodiscard]] const Field* fields() const { return lane_fields_.data(); }
  /// [n_structures] after evaluate().
  [[nodiscard]] const EnergyVirial* sums() const { return sums_.data(); }

  // The steps of evaluate(); public because nvcc wants device lambdas in public member functions.

  void compute_waves(const Batch& batch) {
    const double* const cells = batch.cells.data();
    const double* const alpha = alpha_.data();
    const double* const k_cutoff = k_cutoff_.data();
    const int* const last = list_.last();
    const std::array<int, 3>* const index = list_.index();
    const int* const structure_of_place = list_.structure_of_place();
    Wave<Real>* const waves = waves_.data();
    double* const slopes = wave_slopes_.data();
    parallel_for(
        context_, list_.n_places(),
        MOFK_LAMBDA(int w) {
          const int s = structure_of_place[w];
          if (w >= last[s]) return;
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
    const std::array<int, 3> reach = list_.reach();
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
            for (int n = 0; n <= reach[a]; ++n, table += n_atoms) {
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
    const int* const last = list_.last();
    const int* const structure_of_place = list_.structure_of_place();
    const std::array<int, 3>* const index = list_.index();
    const Complex<Real>* const phases_a = phases_.data();
    const Complex<Real>* const phases_b = phases_a + (list_.reach()[0] + 1) * n_atoms;
    const Complex<Real>* const phases_c = phases_b + (list_.reach()[1] + 1) * n_atoms;
    const Real* const charges = charges_.data();
    Complex<Accumulator>* const partial = partial_factors_.data();
    parallel_for(
        context_, list_.n_places() * kFactorLanes,
        MOFK_LAMBDA(int lane) {
          const int w = lane / kFactorLanes;
          const int s = structure_of_place[w];
          if (w >= last[s]) return;
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
        context_, list_.n_places(), MOFK_LAMBDA(int w) {
          if (w >= last[structure_of_place[w]]) return;
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
    const int* const last = list_.last();
    const int* const structure_of_place = list_.structure_of_place();
    segmented_reduce<Sum>(
        context_, n_structures_, list_.first(), EnergyVirial{},
        MOFK_LAMBDA(int w) {
          if (w >= last[structure_of_place[w]]) return EnergyVirial{};
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
    const int* const first = list_.first();
    const int* const last = list_.last();
    const std::array<int, 3>* const index = list_.index();
    const Wave<Real>* const waves = waves_.data();
    const Complex<Accumulator>* const factors = factors_.data();
    const Complex<Real>* const phases_a = phases_.data();
    const Complex<Real>* const phases_b = phases_a + (list_.reach()[0] + 1) * n_atoms;
    const Complex<Real>* const phases_c = phases_b + (list_.reach()[1] + 1) * n_atoms;
    const Real* const charges = charges_.data();
    Field* const fields = lane_fields_.data();
    parallel_for(
        context_, n_atoms * n_lanes,
        MOFK_LAMBDA(int thread) {
          const int i = thread % n_atoms;
          const int lane = thread / n_atoms;
          const int s = structure_of_atom[i];
          const int n_waves = last[s] - first[s];
          const int per_lane = (n_waves + n_lanes - 1) / n_lanes;
          const int begin = lane * per_lane < n_waves ? lane * per_lane : n_waves;
          const int end = begin + per_lane < n_waves ? begin + per_lane : n_waves;
          Field field{};
          for (int w = first[s] + begin; w < first[s] + end; ++w) {
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
  /// What depends on the number of places for waves, which changes only where the host waits.
  void reserve() {
    const auto n_places = static_cast<std::size_t>(list_.n_places());
    waves_.resize(n_places);
    wave_slopes_.resize(n_places);
    factors_.resize(n_places);
    partial_factors_.resize(n_places * kFactorLanes);
    std::size_t n_phases = 0;
    for (const int reach : list_.reach()) n_phases += static_cast<std::size_t>(reach + 1);
    phases_.resize(n_phases * static_cast<std::size_t>(n_atoms_));
  }

  /// Atoms of one structure factor are shared out over this many threads on a GPU.
  static constexpr int kFactorLanes = kIsCuda ? 32 : 1;

  const Context& context_;
  int n_structures_;
  int n_atoms_;
  int n_force_lanes_;
  Buffer<Real> charges_;
  Buffer<double> k_cutoff_, alpha_;
  WaveList list_;
  Buffer<Wave<Real>> waves_;    // [n_places]
  Buffer<double> wave_slopes_;  // [n_places]
  Buffer<Complex<Accumulator>> partial_factors_, factors_;
  Buffer<Complex<Real>> phases_;  // [axis][n][n_atoms]
  Buffer<Field> lane_fields_;     // [lane][n_atoms]
  Buffer<EnergyVirial> sums_;
};

}  // namespace mofkernel::MOFK_NS
