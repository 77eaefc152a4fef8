#include "potentials/uff4mof/cluster_list.hpp"

#include <algorithm>
#include <atomic>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/movement.hpp"
#include "potentials/uff4mof/cluster_rows.hpp"

namespace mofkernel::cpu {

namespace {

/// Fewer are looked at by one thread (about 10 microseconds).
constexpr int kAtomsPerThread = 4096;

}  // namespace

ClusterList::ClusterList(const Context& context, const uff4mof::TermTable& table, int n_lanes, double inner_cutoff_A,
                         double skin_A)
    : context_(context), table_(table), n_lanes_(n_lanes), inner_cutoff_(inner_cutoff_A), skin_(skin_A) {}

bool ClusterList::update(const Batch& batch) {
  if (is_still_valid(batch)) return false;
  restore(batch, {batch.positions.to_host(), batch.cells.to_host()});
  return true;
}

void ClusterList::restore(const Batch& batch, const ListReference& reference) {
  const std::int64_t n_builds = reference_.n_builds + 1;
  reference_ = {};
  if (reference.positions.empty()) return;
  const BatchView view{batch.first_atom.data(), batch.structure_of_atom.data(), batch.pbc.data(),
                       reference.positions.data(), reference.cells.data()};
  // While the list is valid no distance grows by more than the skin, but for terms of second order in skin/cutoff.
  const double inner_reach = inner_cutoff_ - skin_ * (1.0 + skin_ / table_.cutoff_A);
  rows_ = build_cluster_rows(view, table_, n_lanes_, table_.cutoff_A + skin_, std::max(inner_reach, 0.0),
                             context_.n_threads());
  reference_ = reference;
  reference_.n_builds = n_builds;
}

bool ClusterList::is_still_valid(const Batch& batch) const {
  if (reference_.positions.size() != batch.positions.size()) return false;
  for (int s = 0; s < batch.n_structures; ++s) {
    if (!is_usable_lattice(batch.cells.data() + 9 * s, batch.pbc.data() + 3 * s)) return false;
  }
  std::atomic<bool> is_valid = true;
  on_threads(std::clamp(batch.n_atoms / kAtomsPerThread, 1, context_.n_threads()), [&](int thread, int n_threads) {
    const auto [first, last] = share(batch.n_atoms, thread, n_threads);
    for (int i = first; i < last && is_valid.load(std::memory_order_relaxed);) {
      const int s = batch.structure_of_atom.data()[i];
      const int end = std::min(last, batch.first_atom.data()[s + 1]);
      if (!are_within_reach(batch, s, i, end)) is_valid.store(false, std::memory_order_relaxed);
      i = end;
    }
  });
  return is_valid;
}

/// Of one structure, the atoms [first, last).
bool ClusterList::are_within_reach(const Batch& batch, int s, int first, int last) const {
  const double* const cell_before = reference_.cells.data() + 9 * s;
  const double* const cell = batch.cells.data() + 9 * s;
  const Deformation deformation =
      compute_deformation(cell_before, cell, batch.pbc.data() + 3 * s, table_.cutoff_A, skin_);
  const double* const before = reference_.positions.data();
  const double* const now = batch.positions.data();
  bool are_near = deformation.largest_move > 0.0;
  if (!std::equal(cell, cell + 9, cell_before)) {
    for (int i = first; i < last; ++i) are_near &= is_within_reach(deformation, before + 3 * i, now + 3 * i);
    return are_near;
  }
  const double farthest_squared = deformation.largest_move * deformation.largest_move;
  for (int i = 3 * first; i < 3 * last; i += 3) {
    const double u[3] = {now[i] - before[i], now[i + 1] - before[i + 1], now[i + 2] - before[i + 2]};
    are_near &= u[0] * u[0] + u[1] * u[1] + u[2] * u[2] <= farthest_squared;
  }
  return are_near;
}

}  // namespace mofkernel::cpu
