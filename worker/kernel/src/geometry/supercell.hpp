// Repetition of a structure along its lattice vectors.
#pragma once

#include <array>

#include "geometry/structure.hpp"

namespace mofkernel {

/// n_a * n_b * n_c images of the structure; image (0, 0, 0) first, c fastest, the order inside an image unchanged.
/// Throws KernelError(bad_request) for a repeat below 1, along an axis that is not periodic, or for too many atoms.
Structure make_supercell(const Structure& structure, const std::array<int, 3>& repeats);

}  // namespace mofkernel
