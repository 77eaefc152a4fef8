#include "potentials/uff4mof/paper_bond_orders.hpp"

#include <algorithm>
#include <set>

#include "potentials/uff4mof/aromatic_rings.hpp"
#include "potentials/uff4mof/conjugation.hpp"
#include "potentials/uff4mof/open_bonding.hpp"
#include "potentials/uff4mof/pi_groups.hpp"

namespace mofkernel::uff4mof {
namespace {

// Rappe et al. 1992 name the amide C-N bond order.
constexpr double kAmideOrder = 1.41;

bool is_carbonyl(const OpenBonding& open, std::int32_t i) {
  const auto neighbors = open.graph().neighbors(i);
  return std::any_of(neighbors.begin(), neighbors.end(),
                     [&open](const Neighbor& n) { return open.is(n.atom, kOxygen) && open.order(n) == 2.0; });
}

/// C(=O)-N gets the published order; a nitrogen next to a flat carbon or nitrogen is flat.
void mark_amides_and_amines(OpenBonding& open) {
  std::set<std::int32_t> flat_nitrogens;
  std::set<std::int32_t> amide_carbons;
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kNitrogen) || open.state(i) != PiState::saturated || open.graph().degree(i) != 3) continue;
    for (const Neighbor& neighbor : open.graph().neighbors(i)) {
      const bool is_flat =
          open.state(neighbor.atom) == PiState::double_bond || open.state(neighbor.atom) == PiState::resonant;
      if (!is_flat || !(open.is(neighbor.atom, kCarbon) || open.is(neighbor.atom, kNitrogen))) continue;
      if (is_carbonyl(open, neighbor.atom) && !open.aromatic(neighbor.atom)) {
        open.order(neighbor) = kAmideOrder;
        amide_carbons.insert(neighbor.atom);
      }
      flat_nitrogens.insert(i);
    }
  }
  for (const std::int32_t i : flat_nitrogens) open.state(i) = PiState::resonant;
  for (const std::int32_t i : amide_carbons) open.state(i) = PiState::resonant;
}

}  // namespace

PaperBonding assign_paper_bond_orders(const Structure& structure, const BondGraph& graph) {
  OpenBonding open(structure, graph);
  mark_aromatic_rings(open);
  resolve_pi_groups(open);
  place_remaining_double_bonds(open);
  mark_amides_and_amines(open);
  return std::move(open.bonding);
}

}  // namespace mofkernel::uff4mof
