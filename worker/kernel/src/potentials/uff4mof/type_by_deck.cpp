// Atom types and the choice of terms as lammps_interface (commit 255f027c) makes them with its option UFF4MOF.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "errors.hpp"
#include "potentials/uff4mof/deck_bond_orders.hpp"
#include "potentials/uff4mof/deck_rules.hpp"
#include "potentials/uff4mof/deck_source_cell.hpp"
#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/rings.hpp"
#include "potentials/uff4mof/text.hpp"
#include "potentials/uff4mof/typing.hpp"

namespace mofkernel::uff4mof {
namespace {

bool is_ring_element(int z) { return z == kCarbon || z == kNitrogen || z == kOxygen || z == kSulfur; }

/// The tool keeps the 2016 row of square-planar platinum under the name of the 1992 one, which it thereby loses.
const AtomType* find_deck_type(const std::string& name) { return find_atom_type(name == "Pt4+2" ? "Pt4f2" : name); }

const AtomType* last_deck_type_of(int atomic_number) {
  const AtomType* last = nullptr;
  for (const AtomType& type : atom_types()) {
    if (type.atomic_number == atomic_number) last = &type;
  }
  return last;
}

class DeckTyper {
 public:
  explicit DeckTyper(const Structure& structure)
      : cell_(find_source_cell(structure)), structure_(cell_.idealized), graph_(cell_.graph), n_source_(cell_.n) {}

  Typing type() {
    build_source_graph();
    mark_rings();
    assign_deck_bond_orders(source_);
    for (std::int32_t i = 0; i < n_source_; ++i) source_types_.push_back(type_of(i));
    for (std::int32_t i = 0; i < n_source_; ++i) set_metal_orders(i);
    Typing typing;
    typing.warnings = warnings_.texts();
    for (std::int32_t i = 0; i < graph_.n_atoms(); ++i) {
      typing.types.push_back(source_types_[static_cast<std::size_t>(i % n_source_)]);
    }
    for (const GraphBond& bond : graph_.bonds()) {
      typing.bond_orders.push_back(order_of(bond));
      typing.torsions.push_back(torsion_about(bond, typing.bond_orders.back()));
    }
    for (std::int32_t i = 0; i < graph_.n_atoms(); ++i) add_inversions(i, typing);
    typing.graph = graph_;
    return typing;
  }

 private:
  [[nodiscard]] const DeckGraph::Atom& source(std::int32_t atom) const {
    return source_.atoms[static_cast<std::size_t>(atom % n_source_)];
  }
  [[nodiscard]] int element(std::int32_t atom) const { return source(atom).atomic_number; }

  void build_source_graph() {
    for (std::int32_t i = 0; i < n_source_; ++i) {
      source_.atoms.push_back(
          {structure_.atomic_numbers[static_cast<std::size_t>(i)], graph_.degree(i), false, Hybridization::sp3, {}});
    }
    std::set<std::pair<std::int32_t, std::int32_t>> linked;
    for (std::int32_t i = 0; i < n_source_; ++i) {
      for (const Neighbor& neighbor : graph_.neighbors(i)) {
        const std::int32_t j = neighbor.atom % n_source_;
        if (i < j) linked.emplace(i, j);
      }
    }
    for (const auto& [i, j] : linked) {
      const auto bond = static_cast<std::int32_t>(source_.bonds.size());
      source_.bonds.push_back({i, j, false, 1.0});
      source_.atoms[static_cast<std::size_t>(i)].links.push_back({j, bond});
      source_.atoms[static_cast<std::size_t>(j)].links.push_back({i, bond});
    }
    for (DeckGraph::Atom& atom : source_.atoms) {
      std::sort(atom.links.begin(), atom.links.end(),
                [](const DeckGraph::Link& a, const DeckGraph::Link& b) { return a.atom < b.atom; });
    }
  }

  /// Index of the source bond of two atoms, -1 when they are copies of the same atom.
  [[nodiscard]] std::int32_t source_bond(std::int32_t a, std::int32_t b) const {
    for (const DeckGraph::Link& link : source(a).links) {
      if (link.atom == b % n_source_) return link.bond;
    }
    return -1;
  }

  /// Rings of up to ten members (and those one larger through the same bond) of C, N, O, S with at most three neighbors
  /// each.
  void mark_rings() {
    const auto bonds = graph_.bonds();
    for (std::size_t b = 0; b < bonds.size(); ++b) {
      if (bonds[b].i >= n_source_ && bonds[b].j >= n_source_) continue;
      for (const std::vector<Site>& ring : rings_through_bond(graph_, static_cast<std::int32_t>(b), {10, 1, 10})) {
        mark_if_aromatic(ring);
      }
    }
  }

  void mark_if_aromatic(const std::vector<Site>& ring) {
    const bool is_aromatic = std::all_of(ring.begin(), ring.end(), [this](const Site& site) {
      return is_ring_element(element(site.atom)) && source(site.atom).degree <= 3;
    });
    if (!is_aromatic) return;
    for (const Site& site : ring) {
      source_.atoms[static_cast<std::size_t>(site.atom % n_source_)].is_in_aromatic_ring = true;
      for (const Neighbor& neighbor : graph_.neighbors(site.atom)) {
        if (std::find(ring.begin(), ring.end(), Site{neighbor.atom, site.shift + neighbor.shift}) == ring.end())
          continue;
        const std::int32_t bond = source_bond(site.atom, neighbor.atom);
        if (bond >= 0) source_.bonds[static_cast<std::size_t>(bond)].is_in_aromatic_ring = true;
      }
    }
  }

  template <typename Predicate>
  [[nodiscard]] bool all_neighbors(std::int32_t i, Predicate predicate) const {
    const auto& links = source(i).links;
    return std::all_of(links.begin(), links.end(),
                       [this, predicate](const DeckGraph::Link& link) { return predicate(element(link.atom)); });
  }

  const AtomType* type_of(std::int32_t i) {
    const int z = element(i);
    if (z == kHydrogen) return find_deck_type("H_");
    if (is_ring_element(z)) return organic_type(i);
    const AtomType* type = is_deck_metal(z) ? metal_type(i) : halide_type(z);
    return type != nullptr ? type : fallback_type(i);
  }

  static const AtomType* halide_type(int z) {
    switch (z) {
      case kFluorine:
        return find_deck_type("F_");
      case kChlorine:
        return find_deck_type("Cl");
      case kBromine:
        return find_deck_type("Br");
      case kIodine:
        return find_deck_type("I_");
      default:
        return nullptr;
    }
  }

  const AtomType* organic_type(std::int32_t i) {
    const int z = element(i);
    if (z == kOxygen) {
      if (const AtomType* type = framework_oxygen_type(i)) return type;
    }
    std::string name = std::string(element_symbol(z)) + "_";
    switch (source(i).hybridization) {
      case Hybridization::sp:
        name += '1';
        break;
      case Hybridization::sp2:
        name += '2';
        break;
      case Hybridization::sp3:
        name += '3';
        break;
      case Hybridization::aromatic:
        name += 'R';
        break;
    }
    const AtomType* type = find_deck_type(name);
    if (type != nullptr) return type;
    throw KernelError(ErrorCode::atom_typing,
                      "atom " + atom_name(structure_, i) + " gets the type " + name +
                          " from lammps_interface, which no table has; " +
                          "the tool stops there too. Use dialect=paper",
                      "{\"atom_index\":" + std::to_string(i) + ",\"element\":\"" + std::string(element_symbol(z)) +
                          "\",\"coordination_number\":" + std::to_string(source(i).degree) + "}");
  }

  /// Oxygen with two neighbors or more is typed by them, whatever its hybridization; nullptr leaves it to that.
  const AtomType* framework_oxygen_type(std::int32_t i) {
    switch (source(i).degree) {
      case 2:
        return all_neighbors(i, [](int z) { return is_deck_metal(z) || z == kCarbon; }) ? find_deck_type("O_2")
                                                                                        : nullptr;
      case 3:
        if (all_neighbors(i, [](int z) { return z == kZirconium; })) return find_deck_type("O_3_f");
        return find_deck_type(all_neighbors(i, is_deck_metal) ? "O_2_z" : "O_2");
      case 4:
        return all_neighbors(i, [](int z) { return is_deck_metal(z) || z == kHydrogen; }) ? find_deck_type("O_3_f")
                                                                                          : nullptr;
      default:
        return nullptr;
    }
  }

  const AtomType* metal_type(std::int32_t i) {
    std::string name(element_symbol(element(i)));
    if (name.size() == 1) name += '_';
    switch (source(i).degree) {
      case 2:
        name += "1f1";
        break;
      case 3:
        name += "2f2";
        break;
      case 4:
        name += is_coplanar(i) ? "4f2" : "3f2";
        break;
      case 5:
        name += "4+2";
        break;
      case 6:
        name += "6f3";
        break;
      case 8:
        name += "8f4";
        break;
      default:
        break;
    }
    if (const AtomType* type = find_deck_type(name)) return type;
    std::replace(name.begin(), name.end(), 'f', '+');
    return find_deck_type(name);
  }

  /// Taken without lattice images, as the tool does: near a cell face the answer is arbitrary.
  [[nodiscard]] bool is_coplanar(std::int32_t i) const {
    using Vector = std::array<double, 3>;
    std::vector<Vector> arms;
    const Vector& center = structure_.positions[static_cast<std::size_t>(i)];
    for (const DeckGraph::Link& link : source(i).links) {
      const Vector& far = structure_.positions[static_cast<std::size_t>(link.atom)];
      const Vector arm{far[0] - center[0], far[1] - center[1], far[2] - center[2]};
      const double length = std::hypot(arm[0], arm[1], arm[2]);
      arms.push_back({arm[0] / length, arm[1] / length, arm[2] / length});
    }
    if (arms.size() < 2) return false;
    const Vector& a = arms[0];
    const Vector& b = arms[1];
    const Vector normal{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    const double length = std::hypot(normal[0], normal[1], normal[2]);
    constexpr double tolerance = 0.02;
    return std::all_of(arms.begin() + 2, arms.end(), [&normal, length](const Vector& arm) {
      return std::abs(arm[0] * normal[0] + arm[1] * normal[1] + arm[2] * normal[2]) <= tolerance * length;
    });
  }

  const AtomType* fallback_type(std::int32_t i) {
    const AtomType* type = last_deck_type_of(element(i));
    if (type == nullptr) {
      throw KernelError(ErrorCode::atom_typing, "no row of the UFF4MOF table is for atom " + atom_name(structure_, i) +
                                                    "; the element cannot be calculated with this force field");
    }
    const std::string kind = std::string(type->name) + " for " + std::to_string(source(i).degree);
    warnings_.add(kind, "atom " + atom_name(structure_, i) + " with " + std::to_string(source(i).degree) +
                            " neighbors fits no UFF4MOF type; lammps_interface takes " + std::string(type->name) +
                            ", the last one of the element in its table");
    return type;
  }

  void set_metal_orders(std::int32_t i) {
    if (!is_deck_metal(element(i))) return;
    for (const DeckGraph::Link& link : source(i).links) {
      double& order = source_.bonds[static_cast<std::size_t>(link.bond)].order;
      if (is_deck_metal(element(link.atom))) order = 0.25;
      if (element(link.atom) == kOxygen) order = 0.5;
    }
  }

  [[nodiscard]] double order_of(const GraphBond& bond) const {
    const std::int32_t index = source_bond(bond.i, bond.j);
    if (index >= 0) return source_.bonds[static_cast<std::size_t>(index)].order;
    return is_deck_metal(element(bond.i)) ? 0.25 : 1.0;
  }

  [[nodiscard]] const AtomType& type_of_copy(std::int32_t atom) const {
    return *source_types_[static_cast<std::size_t>(atom % n_source_)];
  }

  /// The branches depend on which of the two atoms has the lower number in the source cell.
  [[nodiscard]] TorsionRule torsion_about(const GraphBond& bond, double order) const {
    const bool in_order = bond.i % n_source_ <= bond.j % n_source_;
    const std::int32_t b = in_order ? bond.i : bond.j;
    const std::int32_t c = in_order ? bond.j : bond.i;
    if (is_metal(element(b)) || is_metal(element(c))) return {};
    const auto is_flat = [](Hybridization h) { return h == Hybridization::sp2 || h == Hybridization::aromatic; };
    const Hybridization h_b = source(b).hybridization;
    const Hybridization h_c = source(c).hybridization;
    const AtomType& type_b = type_of_copy(b);
    const AtomType& type_c = type_of_copy(c);
    const double flat_barrier = 5.0 * std::sqrt(type_b.u_sp2 * type_c.u_sp2) * (1.0 + 4.18 * std::log(order));
    if (h_b == Hybridization::sp3 && h_c == Hybridization::sp3) {
      const double v_b = group16_barrier(element(b));
      const double v_c = group16_barrier(element(c));
      const bool has_group16 = v_b > 0 || v_c > 0;
      const double barrier = std::sqrt((v_b > 0 ? v_b : type_b.v_sp3) * (v_c > 0 ? v_c : type_c.v_sp3));
      return has_group16 ? TorsionRule{barrier, 2, -1.0} : TorsionRule{barrier, 3, -1.0};
    }
    if ((is_flat(h_b) && h_c == Hybridization::sp2) || h_c == Hybridization::aromatic) return {flat_barrier, 2, 1.0};
    const bool is_mixed = (is_flat(h_b) && h_c == Hybridization::sp3) || (h_b == Hybridization::sp3 && is_flat(h_c));
    if (!is_mixed) return {};
    const int z_sp3 = element(h_c == Hybridization::sp3 ? c : b);
    const bool is_group16 = z_sp3 == kOxygen || z_sp3 == kSulfur || z_sp3 == kSelenium || z_sp3 == kTellurium;
    return is_group16 ? TorsionRule{flat_barrier, 2, -1.0} : TorsionRule{2.0, 3, -1.0};
  }

  static double group16_barrier(int z) {
    if (z == kOxygen) return 2.0;
    return z == kSulfur || z == kSelenium || z == kTellurium || z == kPolonium ? 6.8 : 0.0;
  }

  /// Two of the three lines of the tool name the same neighbor: the third one never leaves the plane.
  void add_inversions(std::int32_t i, Typing& typing) const {
    if (graph_.degree(i) != 3) return;
    InversionRule rule{i, {}, {2, 2, 1}, 0, 0, 0, 0};
    const auto neighbors = graph_.neighbors(i);
    std::copy(neighbors.begin(), neighbors.end(), rule.neighbors.begin());
    std::stable_sort(rule.neighbors.begin(), rule.neighbors.end(),
                     [this](const Neighbor& a, const Neighbor& b) { return a.atom % n_source_ < b.atom % n_source_; });
    const AtomType& type = type_of_copy(i);
    const auto is_one_of = [&type](std::initializer_list<const char*> names) {
      return std::any_of(names.begin(), names.end(), [&type](const char* name) { return type.name == name; });
    };
    if (is_one_of({"N_3", "N_2", "N_R", "O_2", "O_R", "C_2", "C_R"})) {
      const bool is_carbonyl =
          element(i) == kCarbon && std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
            return type_of_copy(n.atom).name == "O_2" && graph_.degree(n.atom) == 1;
          });
      rule.k_kcal = (is_carbonyl ? 50.0 : 6.0) / 3.0;
      rule.c0 = 1.0;
      rule.c1 = -1.0;
      typing.inversions.push_back(rule);
    } else if (set_group15_inversion(type, rule)) {
      typing.inversions.push_back(rule);
    }
  }

  SourceCell cell_;
  const Structure& structure_;
  const BondGraph& graph_;
  std::int32_t n_source_;
  DeckGraph source_;
  std::vector<const AtomType*> source_types_;
  AtomWarnings warnings_;
};

}  // namespace

Typing type_by_deck(const Structure& structure) { return DeckTyper(structure).type(); }

}  // namespace mofkernel::uff4mof
