// Where the paths of a convolution find their couplings, their radial functions and their rows of the messages. Host
// only.
#pragma once

#include <span>
#include <vector>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

inline constexpr int kMostEdgeDegree = 3;

struct PathPlace {
  int l1, l2, l3;
  int first_row, row_stride;  ///< row of m3 = 0, and what it takes from one m3 to the next
  int first_coupling;         ///< in ConvolutionLayout::couplings
};

/// Memory of a convolution, its arguments not counted: of each atom, of each edge but no more than there is for edges,
/// and of each row of a knot and pair of elements in the radial table.
struct ConvolutionBytes {
  double per_atom = 0;
  double per_edge = 0;
  double most_for_edges = 0;
  double per_knot = 0;
};

struct ConvolutionLayout {
  int l_max = 0;       ///< of the harmonics and of the messages
  int edge_l_max = 0;  ///< of the senders' features
  int n_channels = 0;  ///< C_e
  int n_rows = 0;      ///< of the messages of an atom
  std::vector<PathPlace> paths;
  std::vector<double> couplings;  ///< [path][2 l1 + 1][2 l3 + 1][2 l2 + 1] sqrt(2 l3 + 1) C

  /// Throws KernelError(unsupported) for degrees that the loops do not have.
  ConvolutionLayout(const Layer& layer, int l_max);

  [[nodiscard]] int n_paths() const { return static_cast<int>(paths.size()); }
  [[nodiscard]] std::span<const double> couplings_of(const PathPlace& path) const;
};

}  // namespace mofkernel::mace
