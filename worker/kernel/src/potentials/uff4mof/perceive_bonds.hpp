// Which atoms are bonded, from distances alone. Orders and types come later.
#pragma once

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::uff4mof {

/// The bonds of a structure by the rule of the dialect; docs/uff4mof.md tells both rules and why.
/// Throws KernelError(bad_structure) when two atoms lie closer than half the sum of their covalent radii (the pair and
/// its distance are named), when an atomic number is outside 1..103, and what find_close_pairs throws.
BondGraph perceive_bonds(const Structure& structure, Dialect dialect);

}  // namespace mofkernel::uff4mof
