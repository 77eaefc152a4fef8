#include "potentials/uff4mof/open_bonding.hpp"

#include "potentials/uff4mof/local_geometry.hpp"

namespace mofkernel::uff4mof {

OpenBonding::OpenBonding(const Structure& structure, const BondGraph& graph) : structure_(structure), graph_(graph) {
  const auto n_atoms = static_cast<std::size_t>(graph.n_atoms());
  bonding.states.assign(n_atoms, PiState::saturated);
  bonding.is_aromatic.assign(n_atoms, 0);
  bonding.orders.assign(graph.bonds().size(), 1.0);
  n_nonmetals_.assign(n_atoms, 0);
  needs_double_.assign(n_atoms, 0);
  may_take_double_.assign(n_atoms, 0);
  count_partners();
  classify_atoms();
}

void OpenBonding::count_partners() {
  for (std::int32_t i = 0; i < n_atoms(); ++i) {
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (!is_metal(element(neighbor.atom))) ++n_nonmetals_[index(i)];
    }
  }
}

/// A carbon with three non-metal neighbors in one plane stays flat below a metal (cyclopentadienyl).
bool OpenBonding::is_flat_below_metal(std::int32_t i) const {
  if (n_nonmetals(i) != 3 || graph_.degree(i) == 3) return false;
  std::vector<Neighbor> arms;
  for (const Neighbor& neighbor : graph_.neighbors(i)) {
    if (!is_metal(element(neighbor.atom))) arms.push_back(neighbor);
  }
  const std::vector<double> angles = bond_angles_deg(structure_, i, arms);
  constexpr double kPlanarSumDeg = 350.0;
  return angles[0] + angles[1] + angles[2] > kPlanarSumDeg;
}

void OpenBonding::classify_atoms() {
  for (std::int32_t i = 0; i < n_atoms(); ++i) {
    const int degree = graph_.degree(i);
    switch (element(i)) {
      case kCarbon:
        if (degree == 1 || is_linear(structure_, graph_, i)) state(i) = PiState::linear;
        needs_double(i) = degree == 3 || is_flat_below_metal(i);
        break;
      case kNitrogen:
        if (n_nonmetals(i) == 2 && is_linear(structure_, graph_, i)) state(i) = PiState::linear;
        may_take_double(i) =
            state(i) != PiState::linear && (n_nonmetals(i) == 2 || (n_nonmetals(i) == 1 && degree <= 3));
        break;
      case kOxygen:
      case kSulfur:
        may_take_double(i) = n_nonmetals(i) == 1;
        break;
      default:
        break;
    }
  }
  for (std::int32_t i = 0; i < n_atoms(); ++i) {  // N-H and O-H have nothing to give
    if (n_nonmetals(i) != 1) continue;
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (is(neighbor.atom, kHydrogen)) may_take_double(i) = 0;
    }
  }
}

std::vector<Neighbor> OpenBonding::oxo_neighbors(std::int32_t i) const {
  std::vector<Neighbor> found;
  for (const Neighbor& neighbor : graph_.neighbors(i)) {
    if (is(neighbor.atom, kOxygen) && may_take_double(neighbor.atom)) found.push_back(neighbor);
  }
  return found;
}

void OpenBonding::make_double(std::int32_t i, const Neighbor& partner, PiState state_of_i) {
  order(partner) = 2.0;
  state(i) = state_of_i;
  state(partner.atom) = PiState::double_bond;
  for (const std::int32_t atom : {i, partner.atom}) {
    needs_double(atom) = 0;
    may_take_double(atom) = 0;
  }
}

void OpenBonding::share(std::int32_t i, const std::vector<Neighbor>& partners, double n_double_bonds) {
  for (const Neighbor& partner : partners) {
    order(partner) = 1.0 + n_double_bonds / static_cast<double>(partners.size());
    state(partner.atom) = PiState::resonant;
    may_take_double(partner.atom) = 0;
  }
  state(i) = PiState::resonant;
  needs_double(i) = 0;
}

}  // namespace mofkernel::uff4mof
