// The type of a metal from its coordination number and the angles around it; paper dialect.
#pragma once

#include <string>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"
#include "potentials/uff4mof/parameters.hpp"

namespace mofkernel::uff4mof {

struct MetalTyping {
  const AtomType* type = nullptr;     ///< nullptr: no published type has this coordination and geometry
  const AtomType* nearest = nullptr;  ///< the type to fall back to; nullptr when the element has none at all
  std::string geometry;               ///< in words, e.g. "square pyramidal"
};

/// Published types of the element; UFF4MOF rows before UFF rows, because their radii were fitted to framework nodes.
MetalTyping type_metal(const Structure& structure, const BondGraph& graph, std::int32_t atom);

/// The published type of an element whose coordination number is nearest to `n_neighbors`, and whose angular form is
/// the same where one is; nullptr when the element has none.
const AtomType* nearest_type(int atomic_number, int n_neighbors);

}  // namespace mofkernel::uff4mof
