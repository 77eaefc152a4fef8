#include "potentials/uff4mof/aromatic_rings.hpp"

#include <algorithm>

#include "potentials/uff4mof/rings.hpp"

namespace mofkernel::uff4mof {
namespace {

struct ElectronRange {
  int least = 0;
  int most = 0;
  bool is_possible = false;
};

bool has_terminal_chalcogen(const OpenBonding& open, std::int32_t i) {
  const auto neighbors = open.graph().neighbors(i);
  return std::any_of(neighbors.begin(), neighbors.end(), [&open](const Neighbor& n) {
    return (open.is(n.atom, kOxygen) || open.is(n.atom, kSulfur)) && open.graph().degree(n.atom) == 1;
  });
}

/// Pi electrons that an atom can give to a ring of `size` atoms.
ElectronRange ring_electrons(const OpenBonding& open, std::int32_t i, std::size_t size, bool has_carbonyl) {
  switch (open.element(i)) {
    case kCarbon: {
      if (!open.needs_double(i)) return {};
      if (has_terminal_chalcogen(open, i)) return {0, 0, true};
      const bool is_on_metal = open.graph().degree(i) > open.n_nonmetals(i);
      return {1, size == 5 && is_on_metal ? 2 : 1, true};
    }
    case kNitrogen:
      if (open.n_nonmetals(i) == 2) return {1, size == 5 ? 2 : 1, true};  // azolate nitrogen gives one or two
      if (open.n_nonmetals(i) != 3 || open.graph().degree(i) != 3) return {};
      if (size == 5) return {1, 2, true};                                           // pyrrole or azolium
      return has_carbonyl ? ElectronRange{2, 2, true} : ElectronRange{1, 1, true};  // lactam or pyridinium
    case kOxygen:
    case kSulfur:
      if (open.n_nonmetals(i) != 2) return {};
      return {2, 2, true};
    default:
      return {};
  }
}

/// Six carbons with an odd number of terminal oxygens cannot pair their double bonds as a quinone does: one oxygen is
/// an anion.
bool is_phenolate_ring(const OpenBonding& open, const std::vector<Site>& ring) {
  if (ring.size() != 6 ||
      !std::all_of(ring.begin(), ring.end(), [&open](const Site& s) { return open.is(s.atom, kCarbon); }))
    return false;
  return std::count_if(ring.begin(), ring.end(),
                       [&open](const Site& s) { return has_terminal_chalcogen(open, s.atom); }) %
             2 ==
         1;
}

bool is_aromatic_ring(const OpenBonding& open, const std::vector<Site>& ring) {
  if (ring.size() != 5 && ring.size() != 6) return false;
  const bool has_carbonyl = std::any_of(ring.begin(), ring.end(), [&open](const Site& site) {
    return open.is(site.atom, kCarbon) && has_terminal_chalcogen(open, site.atom);
  });
  int least = 0;
  int most = is_phenolate_ring(open, ring) ? 1 : 0;
  for (const Site& site : ring) {
    const ElectronRange electrons = ring_electrons(open, site.atom, ring.size(), has_carbonyl);
    if (!electrons.is_possible) return false;
    least += electrons.least;
    most += electrons.most;
  }
  constexpr int kSextet = 6;
  return least <= kSextet && kSextet <= most;
}

void keep_oxygens_single(OpenBonding& open, const std::vector<Site>& ring) {
  for (const Site& site : ring) {
    for (const Neighbor& neighbor : open.graph().neighbors(site.atom)) {
      if (open.is(neighbor.atom, kOxygen) || open.is(neighbor.atom, kSulfur)) open.may_take_double(neighbor.atom) = 0;
    }
  }
}

}  // namespace

void mark_aromatic_rings(OpenBonding& open) {
  for (std::int32_t bond = 0; bond < static_cast<std::int32_t>(open.graph().bonds().size()); ++bond) {
    for (const std::vector<Site>& ring : rings_through_bond(open.graph(), bond, {6, 0, 8})) {
      if (!is_aromatic_ring(open, ring)) continue;
      open.bonding.orders[static_cast<std::size_t>(bond)] = 1.5;
      if (is_phenolate_ring(open, ring)) keep_oxygens_single(open, ring);
      for (const Site& site : ring) {
        open.bonding.is_aromatic[static_cast<std::size_t>(site.atom)] = 1;
        open.state(site.atom) = PiState::resonant;
      }
    }
  }
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.aromatic(i)) continue;
    open.needs_double(i) = 0;
    open.may_take_double(i) = 0;
    if (!open.is(i, kCarbon)) continue;
    for (const Neighbor& neighbor : open.graph().neighbors(i)) {  // C=O of a lactam ring
      if (open.may_take_double(neighbor.atom) && !open.is(neighbor.atom, kNitrogen) &&
          open.graph().degree(neighbor.atom) == 1) {
        open.make_double(i, neighbor, PiState::resonant);
      }
    }
  }
}

}  // namespace mofkernel::uff4mof
