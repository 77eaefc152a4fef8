// Small rings through a bond, by lattice image: a chain that only closes through the periodic boundary is no ring.
#pragma once

#include <vector>

#include "potentials/uff4mof/bond_graph.hpp"

namespace mofkernel::uff4mof {

struct RingSearch {
  int largest_shortest;  ///< bonds whose shortest ring has more atoms are in no ring
  int extra_atoms;       ///< rings with up to this many atoms more than the shortest one count too
  int most_rings;        ///< a bond with more rings is in a cage: none is reported
};

/// The rings through bond `bond`, each as the chain of sites from (i, 0) to (j, shift), without repeats.
std::vector<std::vector<Site>> rings_through_bond(const BondGraph& graph, std::int32_t bond, const RingSearch& search);

}  // namespace mofkernel::uff4mof
