// Where the atoms of a batch stand in a cluster list: wrapped into their cells, in clusters, and the lattice shifts by
// which images of clusters come within reach.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "potentials/uff4mof/cluster_list.hpp"
#include "potentials/uff4mof/cluster_tree.hpp"

namespace mofkernel::cpu {

/// A batch as it is, or as it was when a list was built.
struct BatchView {
  const int* first_atom;
  const int* structure_of_atom;
  const int* pbc;
  const double* positions;
  const double* cells;
};

struct LatticeShift {
  std::array<int, 3> cells;
  std::array<double, 3> vector;  ///< A
};

/// One structure while a list is built.
struct ClusterRegion {
  ClusterTree tree;
  std::vector<LatticeShift> shifts;  ///< none, then those of one half of space that bring an image into reach
  std::size_t first_mark;            ///< of its table [clusters][shifts] of images
};

struct ClusterLayout {
  std::vector<double> wrapped;  ///< [n_atoms][3] A
  std::vector<ClusterRegion> regions;
  std::size_t n_marks = 0;
  std::vector<double> coordinates;         ///< [n_clusters][3][n_lanes]
  std::vector<int> structure_of_cluster;   ///< [n_clusters]
  std::vector<unsigned> lanes_with_atoms;  ///< [n_clusters] bit l: lane l
};

/// Fills in `first_cluster`, `atoms`, `place_of_atom` and `wrap` of `rows`, which has its `n_lanes`. Throws as
/// ClusterList::update().
ClusterLayout lay_out_clusters(const BatchView& batch, const uff4mof::TermTable& table, double reach_A, int n_threads,
                               ClusterRows& rows);

}  // namespace mofkernel::cpu
