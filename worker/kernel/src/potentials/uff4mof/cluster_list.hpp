// Pairs of a batch closer than a cutoff plus a skin, each ONCE, in the form that the CPU's pair loops want: atoms stand
// in clusters of as many as a SIMD pack has lanes, and an atom's row names clusters, not atoms.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "potentials/potential.hpp"
#include "potentials/uff4mof/simd_kernels.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::cpu {

/// Clusters are the leaves of a k-d tree over the wrapped atoms of each structure. Images of clusters are clusters of
/// their own, so that no lattice shift is added in the inner loop.
struct ClusterRows {
  int n_lanes = 0;                 ///< atoms of a cluster
  std::vector<int> first_cluster;  ///< [n_structures + 1]
  /// [n_clusters][n_lanes] atoms of the batch; -1 where a structure's last cluster has too few.
  std::vector<int> atoms;
  /// [n_atoms] of its x in an array [n_clusters][3][n_lanes]; y and z are n_lanes and 2 n_lanes further.
  std::vector<int> place_of_atom;
  std::vector<int> wrap;  ///< [n_atoms][3] lattice vectors that bring an atom to its wrapped position
  /// [n_clusters + 1] the images of cluster c are the clusters n_clusters + [first_image[c], first_image[c + 1]).
  std::vector<int> first_image;
  std::vector<int> image_owner;                 ///< [n_images] a cluster
  std::vector<std::array<int, 3>> image_shift;  ///< [n_images] lattice vectors
  std::vector<PairRow> rows;                    ///< [n_clusters][n_lanes]; `parameters` are left to the reader
  std::vector<int> entries;                     ///< clusters, and images as n_clusters + their number
  std::vector<std::uint8_t> masks;              ///< of masked entries, row after row

  [[nodiscard]] int n_clusters() const { return first_cluster.empty() ? 0 : first_cluster.back(); }  ///< no images
  [[nodiscard]] int n_images() const { return static_cast<int>(image_owner.size()); }
};

class ClusterList {
 public:
  /// `inner_cutoff_A`: where pairs begin to be switched off, or the cutoff. `table` outlives the list.
  ClusterList(const Context& context, const uff4mof::TermTable& table, int n_lanes, double inner_cutoff_A,
              double skin_A);

  /// Makes the list valid for the positions and cells of `batch`; true when it had to be built anew. It stays valid
  /// until an atom may have moved relative to its cell, or the cell may have shrunk, by so much that a pair inside the
  /// cutoff is missing. Throws KernelError(bad_structure) naming a structure with an unusable cell, (non_finite) for a
  /// position that is no number, (out_of_memory) for too many pairs.
  bool update(const Batch& batch);

  /// Everything follows from the positions and cells at the time of building, whatever was built before and by however
  /// many threads.
  [[nodiscard]] const ClusterRows& rows() const { return rows_; }

  /// Where it was built.
  [[nodiscard]] const ListReference& reference() const { return reference_; }
  /// Builds it as it was built there.
  void restore(const Batch& batch, const ListReference& reference);

 private:
  [[nodiscard]] bool is_still_valid(const Batch& batch) const;
  [[nodiscard]] bool are_within_reach(const Batch& batch, int s, int first, int last) const;

  const Context& context_;
  const uff4mof::TermTable& table_;
  int n_lanes_;
  double inner_cutoff_;
  double skin_;
  ListReference reference_;
  ClusterRows rows_;
};

}  // namespace mofkernel::cpu
