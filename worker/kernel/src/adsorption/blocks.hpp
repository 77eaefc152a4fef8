// The framework's atoms as a guest sees them: the cell cut into blocks, and for each block all atoms and periodic
// images that can be within the cutoff of a place inside it. Host data.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::adsorption {

/// An atom or one of its periodic images.
struct Image {
  std::array<double, 3> position;  ///< A
  int atom;
};

struct Blocks {
  std::array<int, 3> shape{};  ///< blocks along each lattice vector; block (a, b, c) has the index (a n_b + b) n_c + c
  std::vector<Image> images;
  std::vector<int> first;     ///< [n_blocks + 1] of `entries`
  std::vector<int> end_near;  ///< [n_blocks] entries before this one can be within the near cutoff, the others cannot
  std::vector<int> entries;   ///< images
};

/// About how many of each make_blocks() gives with this cutoff, from the mean density of the framework.
struct BlockCounts {
  double n_images = 0;
  double n_entries = 0;
};
BlockCounts predict_blocks(const Structure& framework, double cutoff_A);

/// Both cutoffs in A. Needs three periodic axes.
/// Throws KernelError(out_of_memory) when the lists would have more than 2^31 entries.
Blocks make_blocks(const Structure& framework, double near_cutoff_A, double cutoff_A);

}  // namespace mofkernel::adsorption
