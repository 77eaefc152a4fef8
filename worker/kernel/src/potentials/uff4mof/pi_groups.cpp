#include "potentials/uff4mof/pi_groups.hpp"

#include <map>

namespace mofkernel::uff4mof {
namespace {

void cumulate(OpenBonding& open, std::int32_t i) {
  for (const Neighbor& neighbor : open.graph().neighbors(i)) {
    const bool is_partner = open.needs_double(neighbor.atom) || open.may_take_double(neighbor.atom) ||
                            open.state(neighbor.atom) == PiState::linear;
    if (!is_partner || open.order(neighbor) != 1.0) continue;
    const PiState own = open.state(neighbor.atom);
    open.make_double(i, neighbor, PiState::linear);
    if (own == PiState::linear) open.state(neighbor.atom) = own;
  }
}

/// Nitriles and cyanide, carbon monoxide, alkynes; then allenes, carbon dioxide, isocyanates, azides. An alkyne chain
/// is filled from its ends, so that single and triple bonds alternate.
void resolve_linear_atoms(OpenBonding& open) {
  std::vector<char> is_open(static_cast<std::size_t>(open.n_atoms()), 0);
  for (std::int32_t i = 0; i < open.n_atoms(); ++i)
    is_open[static_cast<std::size_t>(i)] = open.state(i) == PiState::linear && open.is(i, kCarbon);
  const auto open_partners = [&open, &is_open](std::int32_t i) {
    std::vector<Neighbor> partners;
    for (const Neighbor& neighbor : open.graph().neighbors(i)) {
      const bool is_open_carbon = is_open[static_cast<std::size_t>(neighbor.atom)] != 0;
      const bool is_nitrile_end = open.is(neighbor.atom, kNitrogen) && open.n_nonmetals(neighbor.atom) == 1 &&
                                  open.may_take_double(neighbor.atom);
      const bool is_monoxide = open.is(neighbor.atom, kOxygen) && open.n_nonmetals(i) == 1;
      if (is_open_carbon || is_nitrile_end || is_monoxide) partners.push_back(neighbor);
    }
    return partners;
  };
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    std::vector<std::pair<std::int32_t, Neighbor>> forced;
    std::map<std::int32_t, int> n_suitors;
    for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
      if (is_open[static_cast<std::size_t>(i)] == 0) continue;
      const std::vector<Neighbor> partners = open_partners(i);
      if (partners.size() != 1) continue;
      forced.emplace_back(i, partners[0]);
      ++n_suitors[partners[0].atom];
    }
    for (const auto& [i, partner] : forced) {
      if (n_suitors[partner.atom] > 1) continue;  // an odd chain: cumulated below
      open.order(partner) = 3.0;
      has_changed = true;
      for (const std::int32_t atom : {i, partner.atom}) {
        is_open[static_cast<std::size_t>(atom)] = 0;
        open.state(atom) = PiState::linear;
        open.may_take_double(atom) = 0;
      }
    }
  }
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    const bool is_cumulated = is_open[static_cast<std::size_t>(i)] != 0 ||
                              (open.is(i, kNitrogen) && open.state(i) == PiState::linear && open.n_nonmetals(i) == 2);
    if (is_cumulated) cumulate(open, i);
  }
}

bool is_nitrogen_oxide(const OpenBonding& open, std::int32_t i) {
  return open.is(i, kNitrogen) && open.n_nonmetals(i) == 3 && !open.aromatic(i) && !open.oxo_neighbors(i).empty();
}

/// R-NO2 and nitrate: the N-O bonds share one double bond. Azodioxides R-N(O)-N(O)-R share two over three bonds. The
/// nitrogen of a nitrone may take the double bond of its carbon.
void resolve_nitro_groups(OpenBonding& open) {
  std::vector<std::pair<std::int32_t, std::vector<Neighbor>>> sharing;
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!is_nitrogen_oxide(open, i)) continue;
    std::vector<Neighbor> partners = open.oxo_neighbors(i);
    if (partners.size() == 1) {
      for (const Neighbor& neighbor : open.graph().neighbors(i)) {
        if (is_nitrogen_oxide(open, neighbor.atom)) partners.push_back(neighbor);
      }
    }
    if (partners.size() == 1) {
      open.may_take_double(i) = 1;
    } else {
      sharing.emplace_back(i, std::move(partners));
    }
  }
  for (const auto& [i, partners] : sharing) open.share(i, partners, 1.0);
}

/// Sulfates, sulfonates, sulfones, phosphates, phosphonates: the oxygens without another non-metal share the double
/// bonds. The center keeps its tetrahedral type, the oxygens count as double bonded.
void resolve_oxo_acids(OpenBonding& open) {
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kSulfur) && !open.is(i, kPhosphorus)) continue;
    const std::vector<Neighbor> oxo = open.oxo_neighbors(i);
    if (oxo.empty() || open.n_nonmetals(i) < 3) continue;
    const double n_double_bonds = open.is(i, kSulfur) && open.n_nonmetals(i) == 4 && oxo.size() > 1 ? 2.0 : 1.0;
    open.share(i, oxo, n_double_bonds);
    open.state(i) = PiState::saturated;
    for (const Neighbor& partner : oxo) open.state(partner.atom) = PiState::double_bond;
  }
}

/// Carboxylate, carbonate, oxalate and their sulfur kin: the double bond stays among the oxygens, whatever else the
/// carbon is conjugated with.
void resolve_carboxylates(OpenBonding& open) {
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kCarbon) || !open.needs_double(i)) continue;
    std::vector<Neighbor> chalcogens;
    for (const Neighbor& neighbor : open.graph().neighbors(i)) {
      const bool is_chalcogen = open.is(neighbor.atom, kOxygen) || open.is(neighbor.atom, kSulfur);
      if (is_chalcogen && open.may_take_double(neighbor.atom)) chalcogens.push_back(neighbor);
    }
    if (chalcogens.size() >= 2) open.share(i, chalcogens, 1.0);
  }
}

/// Ketones, aldehydes, amides, esters, acids, quinones: an oxygen without any other neighbor, the only one of its
/// carbon that can.
void force_terminal_carbonyls(OpenBonding& open) {
  for (std::int32_t i = 0; i < open.n_atoms(); ++i) {
    if (!open.is(i, kCarbon) || !open.needs_double(i)) continue;
    const std::vector<Neighbor> oxo = open.oxo_neighbors(i);
    if (oxo.size() == 1 && open.graph().degree(oxo[0].atom) == 1) open.make_double(i, oxo[0], PiState::double_bond);
  }
}

}  // namespace

void resolve_pi_groups(OpenBonding& open) {
  resolve_linear_atoms(open);
  resolve_nitro_groups(open);
  resolve_oxo_acids(open);
  resolve_carboxylates(open);
  force_terminal_carbonyls(open);
}

}  // namespace mofkernel::uff4mof
