#include "potentials/electrostatics/cpu_waves.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "geometry/lattice.hpp"
#include "potentials/electrostatics/formulas.hpp"
#include "potentials/electrostatics/placement.hpp"

namespace mofkernel::cpu {

namespace {

/// Packs of atoms, and columns of waves, that are worth a thread of their own.
constexpr int kPacksPerThread = 16;
constexpr int kColumnsPerThread = 32;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Where share `part` of `n_parts` of n things begins.
int share_begin(int n, int part, int n_parts) {
  return static_cast<int>(static_cast<std::int64_t>(n) * part / n_parts);
}

}  // namespace

CpuWaves::CpuWaves(const Context& context, const electrostatics::CoulombModel& model)
    : context_(context), kernels_(choose_charge_kernels()), k_cutoff_(model.k_cutoff), list_(context, model.k_cutoff) {
  for (const auto& splitting : model.splitting) alpha_.push_back(splitting.alpha);
  for (int s = 0; s < model.n_structures; ++s) {
    Part part{};
    part.first_atom = model.first_atom[index(s)];
    part.n_atoms = model.first_atom[index(s) + 1] - part.first_atom;
    part.n_packs = (part.n_atoms + kAtomsPerPack - 1) / kAtomsPerPack;
    part.first_charge = charges_.size();
    charges_.insert(charges_.end(), model.charges.begin() + part.first_atom,
                    model.charges.begin() + part.first_atom + part.n_atoms);
    charges_.resize(part.first_charge + index(part.n_packs * kAtomsPerPack), 0.0);
    parts_.push_back(part);
  }
}

void CpuWaves::build_columns() {
  columns_.clear();
  is_listed_.clear();
  std::size_t n_phases = 0;
  const std::array<int, 3>* const listed = list_.index();
  for (std::size_t s = 0; s < parts_.size(); ++s) {
    Part& part = parts_[s];
    part.first_column = static_cast<int>(columns_.size());
    part.first_wave = static_cast<int>(is_listed_.size());
    const int last = list_.last()[s];
    for (int k = list_.first()[s]; k < last;) {
      const int a = listed[k][0];
      const int b = listed[k][1];
      int end = k;
      int largest = 0;
      for (; end < last && listed[end][0] == a && listed[end][1] == b; ++end)
        largest = std::max(largest, std::abs(listed[end][2]));
      columns_.push_back({a, b, largest, static_cast<int>(is_listed_.size()) - part.first_wave});
      is_listed_.resize(is_listed_.size() + index(2 * largest + 1), 0);
      const int center = static_cast<int>(is_listed_.size()) - largest - 1;
      for (; k < end; ++k) is_listed_[index(center + listed[k][2])] = 1;
    }
    part.n_columns = static_cast<int>(columns_.size()) - part.first_column;
    part.n_waves = static_cast<int>(is_listed_.size()) - part.first_wave;
    part.first_phase = n_phases;
    for (const int reach : list_.reach()) n_phases += 2 * index(part.n_packs * kAtomsPerPack) * index(reach + 1);
  }
  for (std::vector<double>* const waves : {&weights_, &slopes_, &re_, &im_}) waves->assign(is_listed_.size(), 0.0);
  phases_.assign(n_phases, 0.0);
  weighed_cells_.clear();
}

void CpuWaves::weigh(const Part& part, std::size_t structure, const double* cell) {
  double rows[9];
  reciprocal_rows(cell, rows);
  const double volume = std::abs(determinant(cell));
  for (int k = part.first_column; k < part.first_column + part.n_columns; ++k) {
    const WaveColumn& column = columns_[index(k)];
    for (int c = -column.largest; c <= column.largest; ++c) {
      const std::size_t wave = index(part.first_wave + column.first_wave + column.largest + c);
      if (is_listed_[wave] == 0) continue;
      const double n[3] = {1.0 * column.a, 1.0 * column.b, 1.0 * c};
      double vector[3];
      row_times_matrix(n, rows, vector);
      const double squared = vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2];
      weights_[wave] =
          electrostatics::k_weight(squared, alpha_[structure], volume, k_cutoff_[structure], slopes_[wave]);
    }
  }
}

void CpuWaves::place(const Batch& batch, const Part& part, std::size_t structure) {
  double inverse[9];
  invert(batch.cells.data() + 9 * structure, inverse);
  const double* const positions = batch.positions.data() + 3 * part.first_atom;
  const std::size_t stride = index(part.n_packs * kAtomsPerPack);
  double* const phases = phases_.data() + part.first_phase;
  const std::array<int, 3> reach = list_.reach();
  parallel_for(
      context_, part.n_atoms,
      [=, &inverse](int i) {
        double fractional[3];
        row_times_matrix(positions + 3 * i, inverse, fractional);
        double* table = phases + i;
        for (std::size_t a = 0; a < 3; ++a) {
          const double angle = 2 * std::numbers::pi * (fractional[a] - std::floor(fractional[a]));
          const double step_re = std::cos(angle);
          const double step_im = std::sin(angle);
          double re = 1.0;
          double im = 0.0;
          const std::size_t to_im = stride * index(reach[a] + 1);
          for (int n = 0; n <= reach[a]; ++n, table += stride) {
            table[0] = re;
            table[to_im] = im;
            const double next = re * step_re - im * step_im;
            im = re * step_im + im * step_re;
            re = next;
          }
          table += to_im;
        }
      },
      256);
}

WaveWork CpuWaves::work_of(const Part& part) const {
  WaveWork work{part.n_packs, {}, {}, charges_.data() + part.first_charge, columns_.data() + part.first_column};
  const double* table = phases_.data() + part.first_phase;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t size = index(part.n_packs * kAtomsPerPack) * index(list_.reach()[a] + 1);
    work.re[a] = table;
    work.im[a] = table + size;
    table += 2 * size;
  }
  return work;
}

void CpuWaves::sum_factors(const Part& part) {
  const WaveWork work = work_of(part);
  const std::size_t stride = index(part.n_packs * kAtomsPerPack);
  const int n_threads = std::clamp(part.n_columns / kColumnsPerThread, 1, context_.n_threads());
  scratch_.resize(std::max(scratch_.size(), 2 * stride * index(n_threads)));
  double* const scratch = scratch_.data();
  double* const re = re_.data() + part.first_wave;
  double* const im = im_.data() + part.first_wave;
  const ChargeKernels& kernels = kernels_;
  parallel_for(
      context_, n_threads,
      [=, &kernels](int thread) {
        for (int k = thread; k < part.n_columns; k += n_threads) {
          const WaveColumn& column = work.columns[k];
          kernels.factors(work, column, scratch + 2 * stride * index(thread), re + column.first_wave,
                          im + column.first_wave);
        }
      },
      1);
}

void CpuWaves::sum_waves(const Part& part, const double* cell, double& energy, double* virial) const {
  double rows[9];
  reciprocal_rows(cell, rows);
  double total = 0.0;
  double sums[9] = {};
  for (int k = part.first_column; k < part.first_column + part.n_columns; ++k) {
    const WaveColumn& column = columns_[index(k)];
    for (int c = -column.largest; c <= column.largest; ++c) {
      const std::size_t wave = index(part.first_wave + column.first_wave + column.largest + c);
      const double squared = re_[wave] * re_[wave] + im_[wave] * im_[wave];
      total += weights_[wave] * squared;
      const double n[3] = {1.0 * column.a, 1.0 * column.b, 1.0 * c};
      double vector[3];
      row_times_matrix(n, rows, vector);
      for (int m = 0; m < 9; ++m) sums[m] += slopes_[wave] * squared * vector[m / 3] * vector[m % 3];
    }
  }
  energy += total;
  for (int m = 0; m < 9; ++m) virial[m] += sums[m] - (m % 4 == 0 ? total : 0.0);
}

void CpuWaves::add_forces(const Part& part, const double* cell, double* forces) {
  for (int w = part.first_wave; w < part.first_wave + part.n_waves; ++w) {
    re_[index(w)] *= 2 * weights_[index(w)];
    im_[index(w)] *= 2 * weights_[index(w)];
  }
  const WaveWork work = work_of(part);
  const int stride = part.n_packs * kAtomsPerPack;
  scratch_.resize(std::max(scratch_.size(), 3 * index(stride)));
  double* const fields = scratch_.data();
  const double* const re = re_.data() + part.first_wave;
  const double* const im = im_.data() + part.first_wave;
  const int n_threads = std::clamp(part.n_packs / kPacksPerThread, 1, context_.n_threads());
  const ChargeKernels& kernels = kernels_;
  parallel_for(
      context_, n_threads,
      [=, &kernels](int thread) {
        kernels.fields(work, part.n_columns, re, im, share_begin(part.n_packs, thread, n_threads),
                       share_begin(part.n_packs, thread + 1, n_threads), fields);
      },
      1);
  double rows[9];
  reciprocal_rows(cell, rows);
  for (int i = 0; i < part.n_atoms; ++i) {
    const double n[3] = {fields[i], fields[stride + i], fields[2 * stride + i]};
    double field[3];
    row_times_matrix(n, rows, field);
    for (int a = 0; a < 3; ++a) forces[3 * (part.first_atom + i) + a] += work.charges[i] * field[a];
  }
}

void CpuWaves::add(const Batch& batch, bool wants_forces, double* forces, double* energies, double* virials) {
  const double* const cells = batch.cells.data();
  const std::span<const double> now(cells, 9 * parts_.size());
  list_.update(batch);
  if (list_.n_builds() != n_builds_) build_columns();
  n_builds_ = list_.n_builds();
  const bool is_weighed = std::ranges::equal(now, weighed_cells_);
  for (std::size_t s = 0; s < parts_.size(); ++s) {
    if (!is_weighed) weigh(parts_[s], s, cells + 9 * s);
    place(batch, parts_[s], s);
    sum_factors(parts_[s]);
    sum_waves(parts_[s], cells + 9 * s, energies[s], virials + 9 * s);
    if (wants_forces) add_forces(parts_[s], cells + 9 * s, forces);
  }
  weighed_cells_.assign(now.begin(), now.end());
}

}  // namespace mofkernel::cpu
