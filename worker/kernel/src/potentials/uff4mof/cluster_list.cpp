#include "potentials/uff4mof/cluster_list.hpp"

#include <algorithm>

#include "geometry/lattice.hpp"
#include "geometry/movement.hpp"
#include "potentials/uff4mof/cluster_rows.hpp"

namespace mofkernel::cpu {

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
    const double* const cell = batch.cells.data() + 9 * s;
    const int* const pbc = batch.pbc.data() + 3 * s;
    if (!is_usable_lattice(cell, pbc)) return false;
    const Deformation deformation =
        compute_deformation(reference_.cells.data() + 9 * s, cell, pbc, table_.cutoff_A, skin_);
    for (int i = batch.first_atom.data()[s]; i < batch.first_atom.data()[s + 1]; ++i) {
      if (!is_within_reach(deformation, reference_.positions.data() + 3 * i, batch.positions.data() + 3 * i))
        return false;
    }
  }
  return true;
}

}  // namespace mofkernel::cpu
