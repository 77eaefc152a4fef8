#include "potentials/uff4mof/conjugation.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "potentials/uff4mof/rings.hpp"

namespace mofkernel::uff4mof {
namespace {

bool has_open_chalcogen(const OpenBonding& open, std::int32_t i) {
  const auto neighbors = open.graph().neighbors(i);
  return std::any_of(neighbors.begin(), neighbors.end(), [&open](const Neighbor& n) {
    return (open.is(n.atom, kOxygen) || open.is(n.atom, kSulfur)) && open.may_take_double(n.atom);
  });
}

/// Neighbors with which a carbon may still share a double bond. Two carbons that both have an oxygen of their own
/// (diketonates, squarate) do not look at each other.
std::vector<Neighbor> double_bond_candidates(const OpenBonding& open, std::int32_t i) {
  std::vector<Neighbor> candidates;
  const bool has_own = has_open_chalcogen(open, i);
  for (const Neighbor& neighbor : open.graph().neighbors(i)) {
    if (!open.needs_double(neighbor.atom) && !open.may_take_double(neighbor.atom)) continue;
    if (has_own && open.is(neighbor.atom, kCarbon) && has_open_chalcogen(open, neighbor.atom)) continue;
    candidates.push_back(neighbor);
  }
  return candidates;
}

template <typename Wants>
bool propagate_once(OpenBonding& open, Wants wants) {
  std::map<std::int32_t, std::vector<std::pair<std::int32_t, Neighbor>>> suitors;
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!wants(i)) continue;
    const std::vector<Neighbor> candidates = double_bond_candidates(open, i);
    if (candidates.size() == 1) suitors[candidates[0].atom].emplace_back(i, candidates[0]);
  }
  for (auto& [wanted, pairs] : suitors) {
    if (!open.needs_double(wanted) && !open.may_take_double(wanted))
      continue;  // the two ends of a pair want each other
    if (pairs.size() == 1) {
      open.make_double(pairs[0].first, pairs[0].second, PiState::double_bond);
      continue;
    }
    for (const auto& [suitor, neighbor] : pairs) {
      open.order(neighbor) = 1.0 + 1.0 / static_cast<double>(pairs.size());
      open.state(suitor) = PiState::resonant;
      open.needs_double(suitor) = open.may_take_double(suitor) = 0;
    }
    open.state(wanted) = PiState::resonant;
    open.needs_double(wanted) = open.may_take_double(wanted) = 0;
  }
  return !suitors.empty();
}

/// An atom with one candidate left gets it; two that want the same one share it. Repeated until nothing is forced.
void propagate_double_bonds(OpenBonding& open) {
  for (bool has_changed = true; has_changed;) {
    has_changed = propagate_once(open, [&open](std::int32_t i) { return open.is(i, kCarbon) && open.needs_double(i); });
  }
}

/// Acetylacetonate, amidinates, cyclooctatetraene: each carbon spreads its double bond evenly.
void share_remaining_double_bonds(OpenBonding& open) {
  std::map<std::int32_t, std::vector<Neighbor>> candidates_of;
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kCarbon) || !open.needs_double(i)) continue;
    std::vector<Neighbor> candidates = double_bond_candidates(open, i);
    if (!candidates.empty()) candidates_of.emplace(i, std::move(candidates));
  }
  for (const auto& [i, candidates] : candidates_of) {
    const double part = 1.0 / static_cast<double>(candidates.size());
    for (const Neighbor& partner : candidates) {
      const bool is_seen_from_both_ends = candidates_of.contains(partner.atom);
      open.order(partner) += is_seen_from_both_ends ? 0.5 * part : part;
      open.state(partner.atom) = PiState::resonant;
    }
    open.state(i) = PiState::resonant;
  }
  for (const auto& [i, candidates] : candidates_of) {
    open.needs_double(i) = 0;
    for (const Neighbor& partner : candidates) open.may_take_double(partner.atom) = 0;
  }
}

/// N=N, O=O, S=S: what the carbons have left over.
void pair_remaining_heteroatoms(OpenBonding& open) {
  for (bool has_changed = true; has_changed;) {
    has_changed = propagate_once(open, [&open](std::int32_t i) { return open.may_take_double(i); });
  }
}

/// Bonds of an atom to aromatic atoms that lie on a ring of their own, such as the bridges of a porphyrin.
std::vector<Neighbor> macrocycle_bonds(const OpenBonding& open, std::int32_t i) {
  constexpr int kLargestMacrocycle = 16;
  std::vector<Neighbor> found;
  for (const Neighbor& neighbor : open.graph().neighbors(i)) {
    if (!open.aromatic(neighbor.atom)) continue;
    if (!rings_through_bond(open.graph(), neighbor.bond, {kLargestMacrocycle, 0, 64}).empty())
      found.push_back(neighbor);
  }
  return found;
}

void join_macrocycle(OpenBonding& open, std::int32_t i, const std::vector<Neighbor>& bonds) {
  for (const Neighbor& neighbor : bonds) open.order(neighbor) = 1.5;
  open.state(i) = PiState::resonant;
  open.needs_double(i) = open.may_take_double(i) = 0;
}

/// Nitrogens with two non-metal neighbors and no double bond: bridges of a phthalocyanine, otherwise anionic.
void resolve_lone_nitrogens(OpenBonding& open) {
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kNitrogen) || !open.may_take_double(i) || open.n_nonmetals(i) != 2) continue;
    const std::vector<Neighbor> bonds = macrocycle_bonds(open, i);
    if (bonds.size() == 2) join_macrocycle(open, i, bonds);
  }
}

void resolve_lone_carbons(OpenBonding& open) {
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kCarbon) || !open.needs_double(i)) continue;
    const std::vector<Neighbor> bonds = macrocycle_bonds(open, i);
    if (bonds.size() >= 2) {
      join_macrocycle(open, i, bonds);
      continue;
    }
    std::vector<Neighbor> amines;
    for (const Neighbor& neighbor : open.graph().neighbors(i)) {
      if (open.is(neighbor.atom, kNitrogen) && open.graph().degree(neighbor.atom) == 3 && !open.aromatic(neighbor.atom))
        amines.push_back(neighbor);
    }
    if (!amines.empty()) {  // iminium, amidinium, guanidinium
      open.share(i, amines, 1.0);
      continue;
    }
    open.state(i) = PiState::double_bond;
    open.needs_double(i) = 0;
    open.bonding.warnings.add("lone carbon",
                              "carbon atom " + std::to_string(i) +
                                  " has three neighbors but none to share a double bond with; is a hydrogen missing?");
  }
}

}  // namespace

void place_remaining_double_bonds(OpenBonding& open) {
  propagate_double_bonds(open);
  share_remaining_double_bonds(open);
  pair_remaining_heteroatoms(open);
  resolve_lone_nitrogens(open);
  resolve_lone_carbons(open);
}

}  // namespace mofkernel::uff4mof
