#include "potentials/uff4mof/perceive_bonds.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "errors.hpp"
#include "potentials/uff4mof/close_pairs.hpp"
#include "potentials/uff4mof/deck_rules.hpp"
#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/text.hpp"

namespace mofkernel::uff4mof {
namespace {

/// Two atoms closer than this part of the sum of their covalent radii are an error of the file (disorder, doubled
/// atoms), not a bond. The shortest real bonds (H2, N2, C-O in carbon monoxide, M=O) lie above 0.75.
constexpr double kOverlapFraction = 0.5;

void require_known_elements(const Structure& structure) {
  for (int i = 0; i < structure.n_atoms(); ++i) {
    const int z = structure.atomic_numbers[static_cast<std::size_t>(i)];
    if (z >= 1 && z <= kMaxAtomicNumber) continue;
    throw KernelError(ErrorCode::bad_structure, "atom " + std::to_string(i) + " has atomic number " +
                                                    std::to_string(z) + "; UFF4MOF knows the elements 1 to " +
                                                    std::to_string(kMaxAtomicNumber));
  }
}

void require_no_overlap(const Structure& structure, const std::vector<GraphBond>& pairs) {
  const GraphBond* worst = nullptr;
  const auto element = [&structure](std::int32_t atom) {
    return structure.atomic_numbers[static_cast<std::size_t>(atom)];
  };
  for (const GraphBond& pair : pairs) {
    const double sum_A = covalent_radius_A(element(pair.i)) + covalent_radius_A(element(pair.j));
    if (pair.distance_A < kOverlapFraction * sum_A && (worst == nullptr || pair.distance_A < worst->distance_A))
      worst = &pair;
  }
  if (worst == nullptr) return;
  throw KernelError(
      ErrorCode::bad_structure,
      "atoms " + atom_name(structure, worst->i) + " and " + atom_name(structure, worst->j) + " overlap: they are " +
          format_A(worst->distance_A) +
          " A apart; remove disordered or doubled atoms (partial occupancy, symmetry copies) from the structure",
      "{\"atom_indices\":[" + std::to_string(worst->i) + "," + std::to_string(worst->j) +
          "],\"distance_A\":" + format_A(worst->distance_A) + "}");
}

/// Largest value of a symmetric function of two elements over the elements present.
template <typename Limit>
double largest_limit(const Structure& structure, Limit limit) {
  const std::set<int> elements(structure.atomic_numbers.begin(), structure.atomic_numbers.end());
  double largest = 0;
  for (const int a : elements) {
    for (const int b : elements) largest = std::max(largest, limit(a, b));
  }
  return largest;
}

/// The bonded neighbors of an atom at an image, sorted.
std::vector<Site> neighbor_sites(const BondGraph& graph, const Site& center) {
  std::vector<Site> sites;
  for (const Neighbor& neighbor : graph.neighbors(center.atom))
    sites.push_back({neighbor.atom, center.shift + neighbor.shift});
  std::sort(sites.begin(), sites.end());
  return sites;
}

bool share_neighbor(const BondGraph& graph, const Site& a, const Site& b) {
  const std::vector<Site> around_a = neighbor_sites(graph, a);
  const std::vector<Site> around_b = neighbor_sites(graph, b);
  return std::any_of(around_a.begin(), around_a.end(), [&around_b](const Site& site) {
    return std::binary_search(around_b.begin(), around_b.end(), site);
  });
}

/// Bonds by the chemistry of frameworks. The candidates are found once; then come, in this order, the bonds between
/// non-metals, those between a metal and its donors, and those between metals, because each step needs the ones before.
class FrameworkBonds {
 public:
  FrameworkBonds(const Structure& structure, std::vector<GraphBond> pairs) : structure_(structure) {
    for (const GraphBond& pair : pairs) {
      if (pair.distance_A < limit_A(element(pair.i), element(pair.j))) candidates_.push_back(pair);
    }
  }

  /// Distance below which a pair is looked at at all, A; 0 for pairs that never bond. Alkali metals are ions.
  static double limit_A(int a, int b) {
    if (is_alkali(a) || is_alkali(b)) return 0;
    const double sum_A = covalent_radius_A(a) + covalent_radius_A(b);
    if (is_metal(a) && is_metal(b)) return std::max(sum_A, kLongestPaddlewheelA);
    const bool has_hydrogen = a == kHydrogen || b == kHydrogen;
    if (!is_metal(a) && !is_metal(b)) return sum_A + (has_hydrogen ? kHydrogenToleranceA : kCovalentToleranceA);
    return sum_A + (is_f_block(a) || is_f_block(b) ? kFBlockToleranceA : kDonorToleranceA);
  }

  BondGraph perceive() {
    keep_covalent_bonds();
    keep_donor_bonds();
    keep_metal_metal_bonds();
    return {structure_.n_atoms(), kept_};
  }

 private:
  // Measured over the 177 structures of the survey in docs/uff4mof.md, hydrogen apart: bonds between non-metals exceed
  // the sum of the radii by up to 0.20 A, the shortest contacts that are none (F...F of a disordered CF3) by 0.40 A.
  static constexpr double kCovalentToleranceA = 0.3;
  // Hydrogen keeps only its shortest bond, so a generous limit costs nothing and displaced atoms keep theirs.
  static constexpr double kHydrogenToleranceA = 0.45;
  // Same survey: distances of metals to N, O, F, S, Cl are rarest between 0.45 and 0.65 A beyond the sum of the radii.
  static constexpr double kDonorToleranceA = 0.55;
  // The tabulated radii of lanthanides and actinides are those of large coordination numbers.
  static constexpr double kFBlockToleranceA = 0.30;
  // Zn2 paddlewheels are the longest common ones: 2.9 to 3.1 A.
  static constexpr double kLongestPaddlewheelA = 3.2;
  // A donor atom shields the atom behind it unless both are about equally close, as in side-on ligands.
  static constexpr double kSideOnMarginA = 0.25;

  [[nodiscard]] int element(std::int32_t atom) const {
    return structure_.atomic_numbers[static_cast<std::size_t>(atom)];
  }
  [[nodiscard]] bool is_metal_atom(std::int32_t atom) const { return is_metal(element(atom)); }

  /// Bonds between non-metals; a hydrogen keeps the shortest one only (both of two equal ones: it is refused later).
  void keep_covalent_bonds() {
    std::vector<const GraphBond*> covalent;
    std::vector<double> shortest_A(static_cast<std::size_t>(structure_.n_atoms()), 1e9);
    for (const GraphBond& pair : candidates_) {
      if (is_metal_atom(pair.i) || is_metal_atom(pair.j)) continue;
      covalent.push_back(&pair);
      for (const std::int32_t atom : {pair.i, pair.j}) {
        double& shortest = shortest_A[static_cast<std::size_t>(atom)];
        shortest = std::min(shortest, pair.distance_A);
      }
    }
    for (const GraphBond* pair : covalent) {
      const auto allows = [this, pair, &shortest_A](std::int32_t atom) {
        return element(atom) != kHydrogen || pair->distance_A <= shortest_A[static_cast<std::size_t>(atom)];
      };
      if (allows(pair->i) && allows(pair->j)) kept_.push_back(*pair);
    }
  }

  /// Bonds of a metal to non-metals: not to an atom that hangs behind a closer donor, and never to a carbon whose own
  /// O, N, S or P is already the donor (carboxylate, nitrile end-on, ...); hydrogen only when it has no other partner.
  void keep_donor_bonds() {
    const BondGraph covalent(structure_.n_atoms(), kept_);
    std::vector<std::vector<Donor>> donors(static_cast<std::size_t>(structure_.n_atoms()));
    for (const GraphBond& pair : candidates_) {
      if (is_metal_atom(pair.i) == is_metal_atom(pair.j)) continue;
      const bool metal_first = is_metal_atom(pair.i);
      const std::int32_t metal = metal_first ? pair.i : pair.j;
      const Site site{metal_first ? pair.j : pair.i, metal_first ? pair.shift : -pair.shift};
      donors[static_cast<std::size_t>(metal)].push_back({site, pair.distance_A, &pair});
    }
    for (std::vector<Donor>& around : donors) {
      std::sort(around.begin(), around.end(), [](const Donor& a, const Donor& b) { return a.site < b.site; });
      for (const Donor& donor : around) {
        if (!is_shielded(donor, around, covalent)) kept_.push_back(*donor.pair);
      }
    }
  }

  struct Donor {
    Site site;
    double distance_A;
    const GraphBond* pair;
  };

  [[nodiscard]] bool is_shielded(const Donor& donor, const std::vector<Donor>& around,
                                 const BondGraph& covalent) const {
    const int z = element(donor.site.atom);
    const auto partners = covalent.neighbors(donor.site.atom);
    if (z == kHydrogen && !partners.empty()) return true;
    for (const Neighbor& partner : partners) {
      const Site behind{partner.atom, donor.site.shift + partner.shift};
      const auto found = std::lower_bound(around.begin(), around.end(), behind,
                                          [](const Donor& a, const Site& site) { return a.site < site; });
      if (found == around.end() || found->site != behind) continue;
      const int z_partner = element(partner.atom);
      if (z_partner == kHydrogen) continue;
      if (found->distance_A < donor.distance_A - kSideOnMarginA) return true;
      if (z == kCarbon && z_partner != kCarbon && found->distance_A < donor.distance_A) return true;
    }
    return false;
  }

  /// Metal-metal bonds: in paddlewheels (no common donor atom, four three-atom bridges such as O-C-O), or between
  /// metals without any bridge that touch. Metals that share a donor atom (MOF-74 rods, Zr6 and Zn4O nodes) are not
  /// bonded however close they are.
  void keep_metal_metal_bonds() {
    const BondGraph graph(structure_.n_atoms(), kept_);
    for (const GraphBond& pair : candidates_) {
      if (!is_metal_atom(pair.i) || !is_metal_atom(pair.j)) continue;
      const Site far{pair.j, pair.shift};
      if (share_neighbor(graph, {pair.i, {0, 0, 0}}, far)) continue;
      const std::vector<Site> first = neighbor_sites(graph, {pair.i, {0, 0, 0}});
      const std::vector<Site> second = neighbor_sites(graph, far);
      const std::size_t n_bridges = count_three_atom_bridges(graph, first, second);
      const double sum_A = covalent_radius_A(element(pair.i)) + covalent_radius_A(element(pair.j));
      if (n_bridges >= 4 || (n_bridges == 0 && pair.distance_A < sum_A)) kept_.push_back(pair);
    }
  }

  /// Atoms Y with a bond to a donor X of the first metal and a bond to a donor X' of the second.
  [[nodiscard]] std::size_t count_three_atom_bridges(const BondGraph& graph, const std::vector<Site>& first,
                                                     const std::vector<Site>& second) const {
    const auto beyond = [this, &graph](const std::vector<Site>& donors) {
      std::set<Site> atoms;
      for (const Site& donor : donors) {
        for (const Neighbor& next : graph.neighbors(donor.atom)) {
          if (!is_metal_atom(next.atom)) atoms.insert({next.atom, donor.shift + next.shift});
        }
      }
      return atoms;
    };
    const std::set<Site> a = beyond(first);
    const std::set<Site> b = beyond(second);
    return static_cast<std::size_t>(
        std::count_if(a.begin(), a.end(), [&b](const Site& site) { return b.contains(site); }));
  }

  const Structure& structure_;
  std::vector<GraphBond> candidates_;
  std::vector<GraphBond> kept_;
};

/// The rule of the tool, except near its limit for some elements. The tool sees only the geometry of the file; here a
/// displaced one must give the same bonds. So a C-C, C-N, C-H or Zn-N pair up to 0.2 A beyond the limit is a bond too,
/// and a V-V or Zr-Zr pair up to 0.35 A below it is a contact, both decided by a neighbor that the two share.
BondGraph perceive_deck_bonds(const Structure& structure, const std::vector<GraphBond>& pairs) {
  std::vector<GraphBond> bonds;
  std::vector<GraphBond> doubtful;
  for (const GraphBond& pair : pairs) {
    const int z_i = structure.atomic_numbers[static_cast<std::size_t>(pair.i)];
    const int z_j = structure.atomic_numbers[static_cast<std::size_t>(pair.j)];
    const DeckBondLimits limits = deck_bond_limits(z_i, z_j);
    if (pair.distance_A < limits.sure_A) {
      bonds.push_back(pair);
    } else if (pair.distance_A < limits.stretched_A) {
      doubtful.push_back(pair);
    }
  }
  const BondGraph graph(structure.n_atoms(), bonds);
  std::vector<int> n_neighbors(static_cast<std::size_t>(structure.n_atoms()));
  for (int i = 0; i < structure.n_atoms(); ++i) n_neighbors[static_cast<std::size_t>(i)] = graph.degree(i);
  for (const GraphBond& pair : doubtful) {
    ++n_neighbors[static_cast<std::size_t>(pair.i)];
    ++n_neighbors[static_cast<std::size_t>(pair.j)];
  }
  // Zinc has types for up to five neighbors: one that would get more is no displaced tetrahedron or paddlewheel, and
  // the tool's limit stands.
  const auto is_crowded_zinc = [&](int atom) {
    const auto i = static_cast<std::size_t>(atom);
    return structure.atomic_numbers[i] == kZinc && n_neighbors[i] > 5;
  };
  for (const GraphBond& pair : doubtful) {
    if (is_crowded_zinc(pair.i) || is_crowded_zinc(pair.j)) continue;
    if (!share_neighbor(graph, {pair.i, {0, 0, 0}}, {pair.j, pair.shift})) bonds.push_back(pair);
  }
  return {structure.n_atoms(), std::move(bonds)};
}

}  // namespace

BondGraph perceive_bonds(const Structure& structure, Dialect dialect) {
  require_known_elements(structure);
  const bool is_deck = dialect == Dialect::lammps_interface;
  const double reach_A = is_deck
                             ? largest_limit(structure, [](int a, int b) { return deck_bond_limits(a, b).stretched_A; })
                             : largest_limit(structure, FrameworkBonds::limit_A);
  // At least the largest overlap distance, so that overlapping ions are seen too.
  const double overlap_reach_A = largest_limit(
      structure, [](int a, int b) { return kOverlapFraction * (covalent_radius_A(a) + covalent_radius_A(b)); });
  std::vector<GraphBond> pairs = find_close_pairs(structure, std::max(reach_A, overlap_reach_A));
  require_no_overlap(structure, pairs);
  if (is_deck) return perceive_deck_bonds(structure, pairs);
  return FrameworkBonds(structure, std::move(pairs)).perceive();
}

}  // namespace mofkernel::uff4mof
