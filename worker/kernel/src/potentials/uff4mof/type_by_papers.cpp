// Atom types and the choice of terms by the published rules of UFF (1992) and UFF4MOF (2014, 2016). The reasons:
// docs/uff4mof.md.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "errors.hpp"
#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/local_geometry.hpp"
#include "potentials/uff4mof/metal_types.hpp"
#include "potentials/uff4mof/paper_bond_orders.hpp"
#include "potentials/uff4mof/perceive_bonds.hpp"
#include "potentials/uff4mof/text.hpp"
#include "potentials/uff4mof/typing.hpp"

namespace mofkernel::uff4mof {
namespace {

bool is_chalcogen(int z) { return z == kOxygen || z == kSulfur || z == kSelenium || z == kTellurium || z == kPolonium; }

class PaperTyper {
 public:
  PaperTyper(const Structure& structure, Fallback fallback)
      : structure_(structure),
        graph_(perceive_bonds(structure, Dialect::paper)),
        fallback_(fallback),
        bonding_(assign_paper_bond_orders(structure, graph_)) {}

  Typing type() {
    for (std::int32_t i = 0; i < graph_.n_atoms(); ++i) typing_.types.push_back(type_of(i));
    typing_.bond_orders = std::move(bonding_.orders);
    for (std::size_t b = 0; b < typing_.bond_orders.size(); ++b) {
      const GraphBond& bond = graph_.bonds()[b];
      if (is_metal(element(bond.i)) || is_metal(element(bond.j))) typing_.bond_orders[b] = metal_bond_order(bond);
      typing_.torsions.push_back(torsion_about(bond, typing_.bond_orders[b]));
    }
    for (std::int32_t i = 0; i < graph_.n_atoms(); ++i) add_inversions(i);
    typing_.warnings = bonding_.warnings.texts();
    typing_.graph = std::move(graph_);
    return std::move(typing_);
  }

 private:
  [[nodiscard]] int element(std::int32_t atom) const {
    return structure_.atomic_numbers[static_cast<std::size_t>(atom)];
  }
  [[nodiscard]] PiState state(std::int32_t atom) const { return bonding_.states[static_cast<std::size_t>(atom)]; }
  [[nodiscard]] bool is_flat(std::int32_t atom) const {
    return state(atom) == PiState::double_bond || state(atom) == PiState::resonant;
  }
  [[nodiscard]] const AtomType& type_at(std::int32_t atom) const {
    return *typing_.types[static_cast<std::size_t>(atom)];
  }

  template <typename Predicate>
  [[nodiscard]] int count_neighbors(std::int32_t i, Predicate predicate) const {
    const auto neighbors = graph_.neighbors(i);
    return static_cast<int>(std::count_if(neighbors.begin(), neighbors.end(),
                                          [this, predicate](const Neighbor& n) { return predicate(element(n.atom)); }));
  }

  const AtomType* type_of(std::int32_t i) {
    const int z = element(i);
    if (is_alkali(z)) return alkali_type(i);
    if (is_metal(z)) return metal_type(i);
    const std::string_view name = nonmetal_type(i);
    if (!name.empty()) return find_atom_type(name);
    return refuse_or_fall_back(i, nearest_type_of_nonmetal(i), "");
  }

  const AtomType* alkali_type(std::int32_t i) {
    switch (element(i)) {
      case 3:
        return find_atom_type("Li");
      case 11:
        return find_atom_type("Na");
      case 19:
        return find_atom_type("K_");
      case 37:
        return find_atom_type("Rb");
      case 55:
        return find_atom_type("Cs");
      default:
        return find_atom_type("Fr");
    }
  }

  const AtomType* metal_type(std::int32_t i) {
    const MetalTyping metal = type_metal(structure_, graph_, i);
    if (metal.type == nullptr) return refuse_or_fall_back(i, metal.nearest, metal.geometry);
    if (metal.geometry == "trigonal bipyramidal") {
      bonding_.warnings.add(metal.geometry + std::string(metal.type->name),
                            "metal atom " + atom_name(structure_, i) + " is trigonal bipyramidal; its type " +
                                std::string(metal.type->name) + " prefers angles of 90 and 180 degrees");
    }
    return metal.type;
  }

  /// The type's name; empty when no published type fits.
  std::string_view nonmetal_type(std::int32_t i) {
    const int n = graph_.degree(i);
    switch (element(i)) {
      case kHydrogen:
        return n == 1 ? "H_" : "";
      case kBoron:
        return n == 3 ? "B_2" : n == 4 ? "B_3" : "";
      case kCarbon:
        return carbon_type(i);
      case kNitrogen:
        return nitrogen_type(i);
      case kOxygen:
        return oxygen_type(i);
      case kSulfur:
        return sulfur_type(i);
      case kFluorine:
        return halogen_type(i, "F_");
      case kChlorine:
        return halogen_type(i, "Cl");
      case kBromine:
        return halogen_type(i, "Br");
      case kIodine:
        return halogen_type(i, "I_");
      case kSilicon:
        return n == 4 ? "Si3" : "";
      case kPhosphorus:
        return phosphorus_type(i);
      case kGermanium:
        return n == 4 ? "Ge3" : "";
      case kArsenic:
        return n == 3 ? "As3+3" : "";
      case kAntimony:
        return n == 3 ? "Sb3+3" : "";
      case kSelenium:
        return n <= 2 ? "Se3+2" : "";
      case kTellurium:
        return n <= 2 ? "Te3+2" : "";
      default:
        return n == 0 ? noble_gas_type(element(i)) : "";
    }
  }

  static std::string_view noble_gas_type(int z) {
    for (const AtomType& type : atom_types()) {
      if (type.atomic_number == z && type.geometry() == '4' &&
          (z == 2 || z == 10 || z == 18 || z == 36 || z == 54 || z == 86)) {
        return type.name;
      }
    }
    return "";
  }

  /// Free ions, terminal halides, and bridges that are straight as the type asks for.
  std::string_view halogen_type(std::int32_t i, std::string_view name) const {
    return graph_.degree(i) <= 1 || is_linear(structure_, graph_, i) ? name : "";
  }

  std::string_view carbon_type(std::int32_t i) const {
    switch (state(i)) {
      case PiState::resonant:
        return "C_R";
      case PiState::double_bond:
        return "C_2";
      case PiState::linear:
        return "C_1";
      case PiState::saturated:
        return graph_.degree(i) == 4 ? "C_3" : "";
    }
    return "";
  }

  std::string_view nitrogen_type(std::int32_t i) const {
    const int n = graph_.degree(i);
    if (n == 0 || n > 4) return "";
    switch (state(i)) {
      case PiState::resonant:
        return n <= 3 ? "N_R" : "N_3";
      case PiState::double_bond:
        return "N_2";
      case PiState::linear:
        return "N_1";
      case PiState::saturated:
        return is_next_to_flat_atom(i) && n <= 3 ? "N_R" : "N_3";
    }
    return "";
  }

  [[nodiscard]] bool is_next_to_flat_atom(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    return std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
      return (is_flat(n.atom) && !is_chalcogen(element(n.atom))) ||
             (element(n.atom) == kBoron && graph_.degree(n.atom) == 3);
    });
  }

  std::string_view phosphorus_type(std::int32_t i) const {
    const int n_metals = count_neighbors(i, is_metal);
    if (graph_.degree(i) == 3) return n_metals == 0 ? "P_3+3" : "";
    if (graph_.degree(i) != 4) return "";
    return n_metals > 0 ? "P_3+q" : "P_3+5";
  }

  std::string_view sulfur_type(std::int32_t i) const {
    const int n = graph_.degree(i);
    const bool has_metal = count_neighbors(i, is_metal) > 0;
    if (state(i) == PiState::resonant && bonding_.is_aromatic[static_cast<std::size_t>(i)] != 0 && n <= 3) return "S_R";
    switch (n) {
      case 1:
        return "S_2";
      case 2:
        return "S_3+2";
      case 3:
        return has_metal ? "S_3+2" : "S_3+4";  // thiolate or thioether on metals; sulfoxide
      case 4:
        return has_metal ? "" : "S_3+6";
      default:
        return "";
    }
  }

  static bool is_tetrahedral_network_element(int z) {
    return z == kSilicon || z == kGermanium || z == kAluminium || z == kPhosphorus || z == kGallium;
  }

  [[nodiscard]] bool is_zeolite_bridge(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    return neighbors.size() == 2 && std::all_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
             return is_tetrahedral_network_element(element(n.atom)) && graph_.degree(n.atom) == 4;
           });
  }

  std::string_view oxygen_type(std::int32_t i) const {
    const int n = graph_.degree(i);
    const int n_metals = count_neighbors(i, is_metal);
    if (is_zeolite_bridge(i)) return "O_3_z";
    if (n == 0 || n > 4) return "";
    if (n_metals == n) return oxide_type(i);
    if (n_metals == 0) return organic_oxygen_type(i);
    const int n_hydrogens = count_neighbors(i, [](int z) { return z == kHydrogen; });
    const int n_others = n - n_metals - n_hydrogens;
    if (n_others == 0) {  // hydroxide and water on metals
      if (n_hydrogens == 2 || n_metals == 1) return "O_3";
      return n_metals == 2 ? "O_2" : "O_3_f";
    }
    if (n_others > 1 || n_hydrogens > 0) return n == 4 ? "" : "O_3";  // ethers, alcohols and acids on metals
    if (n_metals >= 3) return "O_3_f";
    const auto neighbors = graph_.neighbors(i);
    const bool is_on_saturated_carbon = std::any_of(
        neighbors.begin(), neighbors.end(),
        [this](const Neighbor& neighbor) { return element(neighbor.atom) == kCarbon && !is_flat(neighbor.atom); });
    return is_on_saturated_carbon ? "O_3" : "O_2";  // alkoxide, or carboxylate, phenolate, sulfonate, phosphonate ...
  }

  /// Oxygen with metals only.
  std::string_view oxide_type(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    switch (neighbors.size()) {
      case 1:
      case 2:
        return "O_2";
      case 3: {
        // The building units of zirconium and its likes type their three-coordinate oxide as O_3_f, those of the
        // trimers as O_2_z.
        const bool is_in_large_node = std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) {
          return element(n.atom) == kZirconium || element(n.atom) == kHafnium || graph_.degree(n.atom) >= 7;
        });
        return is_in_large_node ? "O_3_f" : "O_2_z";
      }
      default:
        return "O_3_f";
    }
  }

  std::string_view organic_oxygen_type(std::int32_t i) const {
    const int n = graph_.degree(i);
    switch (state(i)) {
      case PiState::resonant:
        return "O_R";
      case PiState::double_bond:
        return "O_2";
      case PiState::linear:
        return "O_1";
      case PiState::saturated:
        break;
    }
    if (n == 1) return is_next_to_flat_atom(i) ? "O_R" : "O_3";  // phenolate, alkoxide
    if (n == 2) return is_next_to_flat_atom(i) ? "O_R" : "O_3";  // ester, phenol, boronate; water, alcohol, ether
    return n == 3 ? "O_3" : "";
  }

  // --- no type ---

  const AtomType* nearest_type_of_nonmetal(std::int32_t i) const {
    const int z = element(i);
    const auto named = [](std::string_view name) { return find_atom_type(name); };
    const int n = graph_.degree(i);
    switch (z) {
      case kHydrogen:
        return named("H_");
      case kCarbon:
        return named(n >= 4 || n == 0 ? "C_3" : "C_2");
      case kNitrogen:
        return named("N_3");
      case kOxygen:
        return named(n >= 3 ? "O_3_f" : "O_3");
      case kFluorine:
        return named("F_");
      case kChlorine:
        return named("Cl");
      case kBromine:
        return named("Br");
      case kIodine:
        return named("I_");
      case kPhosphorus:
        return named(n <= 3 ? "P_3+3" : "P_3+5");
      case kSulfur:
        return named(n <= 2 ? "S_3+2" : "S_3+6");
      default:
        return nearest_type(z, n);
    }
  }

  const AtomType* refuse_or_fall_back(std::int32_t i, const AtomType* nearest, const std::string& geometry) {
    const int z = element(i);
    const std::string what = "atom " + atom_name(structure_, i) + " with " + describe_neighbors(i) +
                             (geometry.empty() ? "" : " is " + geometry + " and") + " fits no UFF4MOF type";
    if (nearest != nullptr && fallback_ == Fallback::uff) {
      const std::string kind = std::string(nearest->name) + " for " + geometry + std::to_string(graph_.degree(i));
      bonding_.warnings.add(kind, what + "; fallback=uff takes " + std::string(nearest->name));
      return nearest;
    }
    if (nearest == nullptr) {
      throw KernelError(
          ErrorCode::atom_typing,
          what + "; the force field has no parameters for " + std::string(element_symbol(z)) + ", so no fallback helps",
          details(i, nullptr));
    }
    throw KernelError(ErrorCode::atom_typing,
                      what + "; the nearest known type is " + std::string(nearest->name) +
                          ". Check the structure around this atom " +
                          "(missing hydrogens, disorder, wrong element), or accept that type with fallback=uff",
                      details(i, nearest));
  }

  [[nodiscard]] double distance_A(const Neighbor& neighbor) const {
    return graph_.bonds()[static_cast<std::size_t>(neighbor.bond)].distance_A;
  }

  [[nodiscard]] std::string describe_neighbors(std::int32_t i) const {
    const auto neighbors = graph_.neighbors(i);
    if (neighbors.empty()) return "no bonded neighbor";
    std::string text = std::to_string(neighbors.size()) + (neighbors.size() == 1 ? " neighbor (" : " neighbors (");
    for (std::size_t n = 0; n < neighbors.size(); ++n) {
      text += (n == 0 ? "" : ", ") + std::string(element_symbol(element(neighbors[n].atom))) + " " +
              std::to_string(neighbors[n].atom) + " at " + format_A(distance_A(neighbors[n])) + " A";
    }
    return text + ")";
  }

  /// JSON for programs; the same facts as the message.
  [[nodiscard]] std::string details(std::int32_t i, const AtomType* nearest) const {
    std::string json = "{\"atom_index\":" + std::to_string(i) + ",\"element\":\"" +
                       std::string(element_symbol(element(i))) +
                       "\",\"coordination_number\":" + std::to_string(graph_.degree(i)) + ",\"neighbors\":[";
    bool is_first = true;
    for (const Neighbor& neighbor : graph_.neighbors(i)) {
      json += std::string(is_first ? "" : ",") + "{\"index\":" + std::to_string(neighbor.atom) + ",\"element\":\"" +
              std::string(element_symbol(element(neighbor.atom))) +
              "\",\"distance_A\":" + format_A(distance_A(neighbor)) + "}";
      is_first = false;
    }
    json +=
        "],\"nearest_type\":" + (nearest == nullptr ? std::string("null") : "\"" + std::string(nearest->name) + "\"");
    json += ",\"known_types\":[";
    is_first = true;
    for (const AtomType& type : atom_types()) {
      if (type.atomic_number != element(i)) continue;
      json += std::string(is_first ? "\"" : ",\"") + std::string(type.name) + "\"";
      is_first = false;
    }
    return json + "]}";
  }

  // --- terms ---

  [[nodiscard]] double metal_bond_order(const GraphBond& bond) const {
    const bool first_is_metal = is_metal(element(bond.i));
    const bool second_is_metal = is_metal(element(bond.j));
    if (first_is_metal && second_is_metal) return 0.25;
    const std::int32_t metal = first_is_metal ? bond.i : bond.j;
    const std::int32_t donor = first_is_metal ? bond.j : bond.i;
    if (element(donor) != kOxygen) return 1.0;
    if (graph_.degree(donor) == 1) return 2.0;       // vanadyl, uranyl
    if (type_at(donor).name == "O_3_z") return 1.0;  // alumino- and gallosilicates, alumino- and gallophosphates
    return element(metal) == kZirconium ? 1.0 : 0.5;
  }

  [[nodiscard]] static bool is_sp3(const AtomType& type) { return type.geometry() == '3'; }
  [[nodiscard]] static bool is_sp2(const AtomType& type) { return type.geometry() == '2' || type.geometry() == 'R'; }

  [[nodiscard]] TorsionRule torsion_about(const GraphBond& bond, double order) const {
    const AtomType& a = type_at(bond.i);
    const AtomType& b = type_at(bond.j);
    if (is_metal(a.atomic_number) || is_metal(b.atomic_number)) return {};
    const double flat_barrier = 5.0 * std::sqrt(a.u_sp2 * b.u_sp2) * (1.0 + 4.18 * std::log(order));
    if (is_sp3(a) && is_sp3(b)) {
      if (is_chalcogen(a.atomic_number) && is_chalcogen(b.atomic_number)) {
        return {std::sqrt(group16_barrier(a.atomic_number) * group16_barrier(b.atomic_number)), 2, -1.0};
      }
      return {std::sqrt(a.v_sp3 * b.v_sp3), 3, -1.0};
    }
    if (is_sp2(a) && is_sp2(b)) return {flat_barrier, 2, 1.0};
    if (!((is_sp2(a) && is_sp3(b)) || (is_sp3(a) && is_sp2(b)))) return {};
    const AtomType& saturated = is_sp3(a) ? a : b;
    const AtomType& flat = is_sp3(a) ? b : a;
    if (is_chalcogen(saturated.atomic_number) && !is_chalcogen(flat.atomic_number)) return {flat_barrier, 2, -1.0};
    const std::int32_t flat_atom = is_sp3(a) ? bond.j : bond.i;
    const auto neighbors = graph_.neighbors(flat_atom);
    const bool is_propene_like =
        std::any_of(neighbors.begin(), neighbors.end(), [this](const Neighbor& n) { return is_sp2(type_at(n.atom)); });
    return is_propene_like ? TorsionRule{2.0, 3, -1.0} : TorsionRule{1.0, 6, 1.0};
  }

  static double group16_barrier(int z) { return z == kOxygen ? 2.0 : 6.8; }

  void add_inversions(std::int32_t i) {
    if (graph_.degree(i) != 3) return;
    InversionRule rule{i, {}, {0, 1, 2}, 0, 0, 0, 0};
    const auto neighbors = graph_.neighbors(i);
    std::copy(neighbors.begin(), neighbors.end(), rule.neighbors.begin());
    const AtomType& type = type_at(i);
    const bool is_flat_light_atom = type.atomic_number >= kCarbon && type.atomic_number <= kOxygen && is_sp2(type);
    if (is_flat_light_atom && type.name != "O_2_z") {
      const bool is_carbonyl = type.atomic_number == kCarbon &&
                               std::any_of(neighbors.begin(), neighbors.end(),
                                           [this](const Neighbor& n) { return type_at(n.atom).name == "O_2"; });
      rule.k_kcal = (is_carbonyl ? 50.0 : 6.0) / 3.0;
      rule.c0 = 1.0;
      rule.c1 = -1.0;
      typing_.inversions.push_back(rule);
    } else if (set_group15_inversion(type, rule)) {
      typing_.inversions.push_back(rule);
    }
  }

  const Structure& structure_;
  BondGraph graph_;
  Fallback fallback_;
  PaperBonding bonding_;
  Typing typing_;
};

}  // namespace

Typing type_by_papers(const Structure& structure, Fallback fallback) { return PaperTyper(structure, fallback).type(); }

}  // namespace mofkernel::uff4mof
