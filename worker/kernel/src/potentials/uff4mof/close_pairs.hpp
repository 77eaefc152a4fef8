// All pairs of atoms within a short distance, by lattice image, in linear time. Not the neighbor list of the step loop.
#pragma once

#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"

namespace mofkernel::uff4mof {

/// Every pair closer than `reach_A` once, in the direction that GraphBond asks for; in no particular order. Any
/// triclinic cell, also one much smaller than the reach (all images are counted); axes that are not periodic have no
/// images. Throws KernelError(bad_structure): a coordinate that is not finite, or periodic lattice vectors without
/// volume.
std::vector<GraphBond> find_close_pairs(const Structure& structure, double reach_A);

}  // namespace mofkernel::uff4mof
