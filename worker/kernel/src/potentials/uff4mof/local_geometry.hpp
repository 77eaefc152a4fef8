// Angles around an atom, by lattice image: what tells a tetrahedron from a square.
#pragma once

#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"

namespace mofkernel::uff4mof {

/// Angles above this are linear; flat and tetrahedral centers stay below 140 degrees even in strained rings.
inline constexpr double kLinearAngleDeg = 150.0;

/// Has the atom two bonds, and do they point in opposite directions?
bool is_linear(const Structure& structure, const BondGraph& graph, std::int32_t atom);

/// Angles between all pairs of bonds of an atom, degrees, descending.
std::vector<double> bond_angles_deg(const Structure& structure, const BondGraph& graph, std::int32_t atom);

/// As above for the bonds to the listed neighbors only.
std::vector<double> bond_angles_deg(const Structure& structure, std::int32_t atom,
                                    const std::vector<Neighbor>& neighbors);

}  // namespace mofkernel::uff4mof
