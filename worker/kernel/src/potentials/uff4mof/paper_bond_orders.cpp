#include "potentials/uff4mof/paper_bond_orders.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/local_geometry.hpp"
#include "potentials/uff4mof/rings.hpp"
#include "potentials/uff4mof/text.hpp"

namespace mofkernel::uff4mof {
namespace {

// Rappe et al. 1992 name the amide C-N bond order.
constexpr double kAmideOrder = 1.41;

class OrderFinder {
 public:
  OrderFinder(const Structure& structure, const BondGraph& graph)
      : structure_(structure), graph_(graph), n_atoms_(static_cast<std::size_t>(graph.n_atoms())) {}

  PaperBonding find() {
    result_.states.assign(n_atoms_, PiState::saturated);
    result_.is_aromatic.assign(n_atoms_, 0);
    result_.orders.assign(graph_.bonds().size(), 1.0);
    needs_double_.assign(n_atoms_, 0);
    may_take_double_.assign(n_atoms_, 0);
    count_partners();
    classify_atoms();
    mark_aromatic_rings();
    resolve_linear_atoms();
    resolve_nitro_groups();
    resolve_oxo_acids();
    resolve_carboxylates();
    force_terminal_carbonyls();
    propagate_double_bonds();
    share_remaining_double_bonds();
    pair_remaining_heteroatoms();
    resolve_lone_nitrogens();
    resolve_lone_carbons();
    mark_amides_and_amines();
    return std::move(result_);
  }

 private:
  [[nodiscard]] int element(std::int32_t atom) const {
    return structure_.atomic_numbers[static_cast<std::size_t>(atom)];
  }
  [[nodiscard]] bool is(std::int32_t atom, int z) const { return element(atom) == z; }
  PiState& state(std::int32_t atom) { return result_.states[static_cast<std::size_t>(atom)]; }
  [[nodiscard]] bool aromatic(std::int32_t atom) const {
    return result_.is_aromatic[static_cast<std::size_t>(atom)] != 0;
  }
  double& order(const Neighbor& neighbor) { return result_.orders[static_cast<std::size_t>(neighbor.bond)]; }
  char& needs_double(std::int32_t atom) { return needs_double_[static_cast<std::size_t>(atom)]; }
  char& may_take_double(std::int32_t atom) { return may_take_double_[static_cast<std::size_t>(atom)]; }
  [[nodiscard]] int n_nonmetals(std::int32_t atom) const { return n_nonmetals_[static_cast<std::size_t>(atom)]; }
  [[nodiscard]] std::int32_t n_atoms() const { return static_cast<std::int32_t>(n_atoms_); }

  void count_partners() {
    n_nonmetals_.assign(n_atoms_, 0);
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        if (!is_metal(element(neighbor.atom))) ++n_nonmetals_[static_cast<std::size_t>(i)];
      }
    }
  }

  /// A carbon with three non-metal neighbors in one plane stays flat below a metal (cyclopentadienyl).
  [[nodiscard]] bool is_flat_below_metal(std::int32_t i) const {
    if (n_nonmetals(i) != 3 || graph_.degree(i) == 3) return false;
    std::vector<Neighbor> arms;
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (!is_metal(element(neighbor.atom))) arms.push_back(neighbor);
    }
    const std::vector<double> angles = bond_angles_deg(structure_, i, arms);
    constexpr double kPlanarSumDeg = 350.0;
    return angles[0] + angles[1] + angles[2] > kPlanarSumDeg;
  }

  void classify_atoms() {
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

  // --- aromatic rings ---

  struct ElectronRange {
    int least = 0;
    int most = 0;
    bool is_possible = false;
  };

  [[nodiscard]] bool has_terminal_chalcogen(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    return std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
      return (is(n.atom, kOxygen) || is(n.atom, kSulfur)) && graph_.degree(n.atom) == 1;
    });
  }

  /// Pi electrons that an atom can give to a ring of `size` atoms.
  [[nodiscard]] ElectronRange ring_electrons(std::int32_t i, std::size_t size, bool has_carbonyl) const {
    switch (element(i)) {
      case kCarbon: {
        if (needs_double_[static_cast<std::size_t>(i)] == 0) return {};
        if (has_terminal_chalcogen(i)) return {0, 0, true};
        const bool is_on_metal = graph_.degree(i) > n_nonmetals(i);
        return {1, size == 5 && is_on_metal ? 2 : 1, true};
      }
      case kNitrogen:
        if (n_nonmetals(i) == 2) return {1, size == 5 ? 2 : 1, true};  // azolate nitrogen gives one or two
        if (n_nonmetals(i) != 3 || graph_.degree(i) != 3) return {};
        if (size == 5) return {1, 2, true};                                           // pyrrole or azolium
        return has_carbonyl ? ElectronRange{2, 2, true} : ElectronRange{1, 1, true};  // lactam or pyridinium
      case kOxygen:
      case kSulfur:
        if (n_nonmetals(i) != 2) return {};
        return {2, 2, true};
      default:
        return {};
    }
  }

  /// Six carbons with an odd number of terminal oxygens cannot pair their double bonds as a quinone does: one oxygen is
  /// an anion.
  [[nodiscard]] bool is_phenolate_ring(const std::vector<Site>& ring) const {
    if (ring.size() != 6 ||
        !std::all_of(ring.begin(), ring.end(), [this](const Site& s) { return is(s.atom, kCarbon); }))
      return false;
    return std::count_if(ring.begin(), ring.end(), [this](const Site& s) { return has_terminal_chalcogen(s.atom); }) %
               2 ==
           1;
  }

  [[nodiscard]] bool is_aromatic_ring(const std::vector<Site>& ring) const {
    if (ring.size() != 5 && ring.size() != 6) return false;
    const bool has_carbonyl = std::any_of(ring.begin(), ring.end(), [this](const Site& site) {
      return is(site.atom, kCarbon) && has_terminal_chalcogen(site.atom);
    });
    int least = 0;
    int most = is_phenolate_ring(ring) ? 1 : 0;
    for (const Site& site : ring) {
      const ElectronRange electrons = ring_electrons(site.atom, ring.size(), has_carbonyl);
      if (!electrons.is_possible) return false;
      least += electrons.least;
      most += electrons.most;
    }
    constexpr int kSextet = 6;
    return least <= kSextet && kSextet <= most;
  }

  void keep_oxygens_single(const std::vector<Site>& ring) {
    for (const Site& site : ring) {
      for (const Neighbor& neighbor : graph_.neighbors(site.atom)) {
        if (is(neighbor.atom, kOxygen) || is(neighbor.atom, kSulfur)) may_take_double(neighbor.atom) = 0;
      }
    }
  }

  void mark_aromatic_rings() {
    for (std::int32_t b = 0; b < static_cast<std::int32_t>(graph_.bonds().size()); ++b) {
      for (const std::vector<Site>& ring : rings_through_bond(graph_, b, {6, 0, 8})) {
        if (!is_aromatic_ring(ring)) continue;
        result_.orders[static_cast<std::size_t>(b)] = 1.5;
        if (is_phenolate_ring(ring)) keep_oxygens_single(ring);
        for (const Site& site : ring) {
          result_.is_aromatic[static_cast<std::size_t>(site.atom)] = 1;
          state(site.atom) = PiState::resonant;
        }
      }
    }
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!aromatic(i)) continue;
      needs_double(i) = 0;
      may_take_double(i) = 0;
      if (!is(i, kCarbon)) continue;
      for (const Neighbor& neighbor : graph_.neighbors(i)) {  // C=O of a lactam ring
        if (may_take_double(neighbor.atom) && !is(neighbor.atom, kNitrogen) && graph_.degree(neighbor.atom) == 1) {
          make_double(i, neighbor, PiState::resonant);
        }
      }
    }
  }

  // --- localized bonds ---

  void make_double(std::int32_t i, const Neighbor& partner, PiState state_of_i) {
    order(partner) = 2.0;
    state(i) = state_of_i;
    state(partner.atom) = PiState::double_bond;
    for (const std::int32_t atom : {i, partner.atom}) {
      needs_double(atom) = 0;
      may_take_double(atom) = 0;
    }
  }

  [[nodiscard]] bool is_triple_partner(std::int32_t i) const {
    return result_.states[static_cast<std::size_t>(i)] == PiState::linear ||
           (is(i, kNitrogen) && n_nonmetals(i) == 1) || (is(i, kOxygen) && n_nonmetals(i) == 1);
  }

  /// Nitriles and cyanide, carbon monoxide, alkynes; then allenes, carbon dioxide, isocyanates, azides. An alkyne chain
  /// is filled from its ends, so that single and triple bonds alternate.
  void resolve_linear_atoms() {
    std::vector<char> is_open(n_atoms_, 0);
    for (std::int32_t i = 0; i < n_atoms(); ++i)
      is_open[static_cast<std::size_t>(i)] = state(i) == PiState::linear && is(i, kCarbon);
    const auto open_partners = [this, &is_open](std::int32_t i) {
      std::vector<Neighbor> partners;
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        const bool is_open_carbon = is_open[static_cast<std::size_t>(neighbor.atom)] != 0;
        const bool is_nitrile_end =
            is(neighbor.atom, kNitrogen) && n_nonmetals(neighbor.atom) == 1 && may_take_double(neighbor.atom);
        const bool is_monoxide = is(neighbor.atom, kOxygen) && n_nonmetals(i) == 1;
        if (is_open_carbon || is_nitrile_end || is_monoxide) partners.push_back(neighbor);
      }
      return partners;
    };
    for (bool has_changed = true; has_changed;) {
      has_changed = false;
      std::vector<std::pair<std::int32_t, Neighbor>> forced;
      std::map<std::int32_t, int> n_suitors;
      for (std::int32_t i = 0; i < n_atoms(); ++i) {
        if (is_open[static_cast<std::size_t>(i)] == 0) continue;
        const std::vector<Neighbor> partners = open_partners(i);
        if (partners.size() != 1) continue;
        forced.emplace_back(i, partners[0]);
        ++n_suitors[partners[0].atom];
      }
      for (const auto& [i, partner] : forced) {
        if (n_suitors[partner.atom] > 1) continue;  // an odd chain: cumulated below
        order(partner) = 3.0;
        has_changed = true;
        for (const std::int32_t atom : {i, partner.atom}) {
          is_open[static_cast<std::size_t>(atom)] = 0;
          state(atom) = PiState::linear;
          may_take_double(atom) = 0;
        }
      }
    }
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      const bool is_cumulated = is_open[static_cast<std::size_t>(i)] != 0 ||
                                (is(i, kNitrogen) && state(i) == PiState::linear && n_nonmetals(i) == 2);
      if (is_cumulated) cumulate(i);
    }
  }

  void cumulate(std::int32_t i) {
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      const bool is_partner =
          needs_double(neighbor.atom) || may_take_double(neighbor.atom) || state(neighbor.atom) == PiState::linear;
      if (!is_partner || order(neighbor) != 1.0) continue;
      const PiState own = state(neighbor.atom);
      make_double(i, neighbor, PiState::linear);
      if (own == PiState::linear) state(neighbor.atom) = own;
    }
  }

  [[nodiscard]] std::vector<Neighbor> oxo_neighbors(std::int32_t i) {
    std::vector<Neighbor> found;
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (is(neighbor.atom, kOxygen) && may_take_double(neighbor.atom)) found.push_back(neighbor);
    }
    return found;
  }

  void share(std::int32_t i, const std::vector<Neighbor>& partners, double n_double_bonds) {
    for (const Neighbor& partner : partners) {
      order(partner) = 1.0 + n_double_bonds / static_cast<double>(partners.size());
      state(partner.atom) = PiState::resonant;
      may_take_double(partner.atom) = 0;
    }
    state(i) = PiState::resonant;
    needs_double(i) = 0;
  }

  [[nodiscard]] bool is_nitrogen_oxide(std::int32_t i) {
    return is(i, kNitrogen) && n_nonmetals(i) == 3 && !aromatic(i) && !oxo_neighbors(i).empty();
  }

  /// R-NO2 and nitrate: the N-O bonds share one double bond. Azodioxides R-N(O)-N(O)-R share two over three bonds. The
  /// nitrogen of a nitrone may take the double bond of its carbon.
  void resolve_nitro_groups() {
    std::vector<std::pair<std::int32_t, std::vector<Neighbor>>> sharing;
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is_nitrogen_oxide(i)) continue;
      std::vector<Neighbor> partners = oxo_neighbors(i);
      if (partners.size() == 1) {
        for (const Neighbor& neighbor : graph_.neighbors(i)) {
          if (is_nitrogen_oxide(neighbor.atom)) partners.push_back(neighbor);
        }
      }
      if (partners.size() == 1) {
        may_take_double(i) = 1;
      } else {
        sharing.emplace_back(i, std::move(partners));
      }
    }
    for (const auto& [i, partners] : sharing) share(i, partners, 1.0);
  }

  /// Sulfates, sulfonates, sulfones, phosphates, phosphonates: the oxygens without another non-metal share the double
  /// bonds. The center keeps its tetrahedral type, the oxygens count as double bonded.
  void resolve_oxo_acids() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kSulfur) && !is(i, kPhosphorus)) continue;
      const std::vector<Neighbor> oxo = oxo_neighbors(i);
      if (oxo.empty() || n_nonmetals(i) < 3) continue;
      const double n_double_bonds = is(i, kSulfur) && n_nonmetals(i) == 4 && oxo.size() > 1 ? 2.0 : 1.0;
      share(i, oxo, n_double_bonds);
      state(i) = PiState::saturated;
      for (const Neighbor& partner : oxo) state(partner.atom) = PiState::double_bond;
    }
  }

  /// Carboxylate, carbonate, oxalate and their sulfur kin: the double bond stays among the oxygens, whatever else the
  /// carbon is conjugated with.
  void resolve_carboxylates() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kCarbon) || !needs_double(i)) continue;
      std::vector<Neighbor> chalcogens;
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        const bool is_chalcogen = is(neighbor.atom, kOxygen) || is(neighbor.atom, kSulfur);
        if (is_chalcogen && may_take_double(neighbor.atom)) chalcogens.push_back(neighbor);
      }
      if (chalcogens.size() >= 2) share(i, chalcogens, 1.0);
    }
  }

  /// Ketones, aldehydes, amides, esters, acids, quinones: an oxygen without any other neighbor, the only one of its
  /// carbon that can.
  void force_terminal_carbonyls() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kCarbon) || !needs_double(i)) continue;
      const std::vector<Neighbor> oxo = oxo_neighbors(i);
      if (oxo.size() == 1 && graph_.degree(oxo[0].atom) == 1) make_double(i, oxo[0], PiState::double_bond);
    }
  }

  [[nodiscard]] bool has_open_chalcogen(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    return std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
      return (is(n.atom, kOxygen) || is(n.atom, kSulfur)) && may_take_double_[static_cast<std::size_t>(n.atom)] != 0;
    });
  }

  /// Neighbors with which a carbon may still share a double bond. Two carbons that both have an oxygen of their own
  /// (diketonates, squarate) do not look at each other.
  std::vector<Neighbor> double_bond_candidates(std::int32_t i) {
    std::vector<Neighbor> candidates;
    const bool has_own = has_open_chalcogen(i);
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (!needs_double(neighbor.atom) && !may_take_double(neighbor.atom)) continue;
      if (has_own && is(neighbor.atom, kCarbon) && has_open_chalcogen(neighbor.atom)) continue;
      candidates.push_back(neighbor);
    }
    return candidates;
  }

  /// An atom with one candidate left gets it; two that want the same one share it. Repeated until nothing is forced.
  void propagate_double_bonds() {
    for (bool has_changed = true; has_changed;) {
      has_changed = propagate_once([this](std::int32_t i) { return is(i, kCarbon) && needs_double(i); });
    }
  }

  /// N=N, O=O, S=S: what the carbons have left over.
  void pair_remaining_heteroatoms() {
    for (bool has_changed = true; has_changed;) {
      has_changed = propagate_once([this](std::int32_t i) { return may_take_double(i) != 0; });
    }
  }

  template <typename Wants>
  bool propagate_once(Wants wants) {
    std::map<std::int32_t, std::vector<std::pair<std::int32_t, Neighbor>>> suitors;
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!wants(i)) continue;
      const std::vector<Neighbor> candidates = double_bond_candidates(i);
      if (candidates.size() == 1) suitors[candidates[0].atom].emplace_back(i, candidates[0]);
    }
    for (auto& [wanted, pairs] : suitors) {
      if (!needs_double(wanted) && !may_take_double(wanted)) continue;  // the two ends of a pair want each other
      if (pairs.size() == 1) {
        make_double(pairs[0].first, pairs[0].second, PiState::double_bond);
        continue;
      }
      for (const auto& [suitor, neighbor] : pairs) {
        order(neighbor) = 1.0 + 1.0 / static_cast<double>(pairs.size());
        state(suitor) = PiState::resonant;
        needs_double(suitor) = may_take_double(suitor) = 0;
      }
      state(wanted) = PiState::resonant;
      needs_double(wanted) = may_take_double(wanted) = 0;
    }
    return !suitors.empty();
  }

  /// Acetylacetonate, amidinates, cyclooctatetraene: each carbon spreads its double bond evenly.
  void share_remaining_double_bonds() {
    std::map<std::int32_t, std::vector<Neighbor>> candidates_of;
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kCarbon) || !needs_double(i)) continue;
      std::vector<Neighbor> candidates = double_bond_candidates(i);
      if (!candidates.empty()) candidates_of.emplace(i, std::move(candidates));
    }
    for (const auto& [i, candidates] : candidates_of) {
      const double part = 1.0 / static_cast<double>(candidates.size());
      for (const Neighbor& partner : candidates) {
        const bool is_seen_from_both_ends = candidates_of.contains(partner.atom);
        order(partner) += is_seen_from_both_ends ? 0.5 * part : part;
        state(partner.atom) = PiState::resonant;
      }
      state(i) = PiState::resonant;
    }
    for (const auto& [i, candidates] : candidates_of) {
      needs_double(i) = 0;
      for (const Neighbor& partner : candidates) may_take_double(partner.atom) = 0;
    }
  }

  /// Bonds of an atom to aromatic atoms that lie on a ring of their own, such as the bridges of a porphyrin.
  std::vector<Neighbor> macrocycle_bonds(std::int32_t i) {
    constexpr int kLargestMacrocycle = 16;
    std::vector<Neighbor> found;
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      if (!aromatic(neighbor.atom)) continue;
      if (!rings_through_bond(graph_, neighbor.bond, {kLargestMacrocycle, 0, 64}).empty()) found.push_back(neighbor);
    }
    return found;
  }

  void join_macrocycle(std::int32_t i, const std::vector<Neighbor>& bonds) {
    for (const Neighbor& neighbor : bonds) order(neighbor) = 1.5;
    state(i) = PiState::resonant;
    needs_double(i) = may_take_double(i) = 0;
  }

  /// Nitrogens with two non-metal neighbors and no double bond: bridges of a phthalocyanine, otherwise anionic.
  void resolve_lone_nitrogens() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kNitrogen) || !may_take_double(i) || n_nonmetals(i) != 2) continue;
      const std::vector<Neighbor> bonds = macrocycle_bonds(i);
      if (bonds.size() == 2) join_macrocycle(i, bonds);
    }
  }

  void resolve_lone_carbons() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kCarbon) || !needs_double(i)) continue;
      const std::vector<Neighbor> bonds = macrocycle_bonds(i);
      if (bonds.size() >= 2) {
        join_macrocycle(i, bonds);
        continue;
      }
      std::vector<Neighbor> amines;
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        if (is(neighbor.atom, kNitrogen) && graph_.degree(neighbor.atom) == 3 && !aromatic(neighbor.atom))
          amines.push_back(neighbor);
      }
      if (!amines.empty()) {  // iminium, amidinium, guanidinium
        share(i, amines, 1.0);
        continue;
      }
      state(i) = PiState::double_bond;
      needs_double(i) = 0;
      result_.warnings.add("lone carbon",
                           "carbon atom " + std::to_string(i) +
                               " has three neighbors but none to share a double bond with; is a hydrogen missing?");
    }
  }

  /// C(=O)-N gets the published order; a nitrogen next to a flat carbon or nitrogen is flat.
  void mark_amides_and_amines() {
    for (std::int32_t i = 0; i < n_atoms(); ++i) {
      if (!is(i, kNitrogen) || state(i) != PiState::saturated || graph_.degree(i) != 3) continue;
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        const bool is_flat = state(neighbor.atom) == PiState::double_bond || state(neighbor.atom) == PiState::resonant;
        if (!is_flat || !(is(neighbor.atom, kCarbon) || is(neighbor.atom, kNitrogen))) continue;
        if (is_carbonyl(neighbor.atom) && !aromatic(neighbor.atom)) {
          order(neighbor) = kAmideOrder;
          amide_carbons_.insert(neighbor.atom);
        }
        flat_nitrogens_.insert(i);
      }
    }
    for (const std::int32_t i : flat_nitrogens_) state(i) = PiState::resonant;
    for (const std::int32_t i : amide_carbons_) state(i) = PiState::resonant;
  }

  [[nodiscard]] bool is_carbonyl(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    return std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
      return is(n.atom, kOxygen) && result_.orders[static_cast<std::size_t>(n.bond)] == 2.0;
    });
  }

  const Structure& structure_;
  const BondGraph& graph_;
  std::size_t n_atoms_;
  PaperBonding result_;
  std::vector<int> n_nonmetals_;
  std::vector<char> needs_double_;     ///< carbons whose double bond is not placed yet
  std::vector<char> may_take_double_;  ///< N, O, S that could take one
  std::set<std::int32_t> flat_nitrogens_;
  std::set<std::int32_t> amide_carbons_;
};

}  // namespace

PaperBonding assign_paper_bond_orders(const Structure& structure, const BondGraph& graph) {
  return OrderFinder(structure, graph).find();
}

}  // namespace mofkernel::uff4mof
