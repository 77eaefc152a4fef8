// From types and bond orders to terms: the formulas of the UFF paper, the same for every dialect.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "potentials/uff4mof/bond_graph.hpp"
#include "potentials/uff4mof/parameters.hpp"
#include "potentials/uff4mof/terms.hpp"
#include "potentials/uff4mof/typing.hpp"
#include "units.hpp"

namespace mofkernel::uff4mof {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;
// kcal A / (mol e^2), Rappe et al. 1992, eq. 6.
constexpr double kForceConstantPrefactor = 664.12;
// Part of the cutoff over which the paper dialect switches the Lennard-Jones energy off.
constexpr double kSwitchedPart = 0.1;

/// Natural bond length, A. The paper prints + r_EN; the accepted correction is -.
double natural_length_A(const AtomType& a, const AtomType& b, double order) {
  const double r_bond_order = -0.1332 * (a.r1 + b.r1) * std::log(order);
  const double difference = std::sqrt(a.chi) - std::sqrt(b.chi);
  const double r_electronegativity = a.r1 * b.r1 * difference * difference / (a.chi * a.r1 + b.chi * b.r1);
  return a.r1 + b.r1 + r_bond_order - r_electronegativity;
}

/// Coefficients of cos(theta)^m, kcal/mol, for the angle form that the type of the center asks for.
std::array<double, 5> angle_polynomial(const AtomType& center, double k) {
  const double cos0 = std::cos(center.theta0_deg * kDegree);
  const double sin0 = std::sin(center.theta0_deg * kDegree);
  switch (center.geometry()) {
    case '1':  // k (1 + cos); the paper's sign for n = 1 would put the minimum at 0
      return {k, k, 0, 0, 0};
    case '2':
    case 'R':  // k/9 (1 - cos 3 theta)
      return {k / 9, 3 * k / 9, 0, -4 * k / 9, 0};
    case '4':
    case '6':  // k/16 (1 - cos 4 theta)
      return {0, 0, 8 * k / 16, 0, -8 * k / 16};
    default:
      break;
  }
  if (center.geometry() == '3' && std::abs(center.theta0_deg - 90.0) < 0.5)
    return {0, 0, k / 2, 0, 0};  // k/4 (1 + cos 2 theta)
  const double c2 = 1 / (4 * sin0 * sin0);
  const double c1 = -4 * c2 * cos0;
  const double c0 = c2 * (2 * cos0 * cos0 + 1);
  return {k * (c0 - c2), k * c1, 2 * k * c2, 0, 0};
}

/// Coefficients of cos(phi)^m of k (1 + d cos n phi).
std::array<double, 7> torsion_polynomial(double k, double d, int n) {
  switch (n) {
    case 2:
      return {k * (1 - d), 0, 2 * k * d, 0, 0, 0, 0};
    case 3:
      return {k, -3 * k * d, 0, 4 * k * d, 0, 0, 0};
    default:  // 6
      return {k * (1 - d), 0, 18 * k * d, 0, -48 * k * d, 0, 32 * k * d};
  }
}

class TermBuilder {
 public:
  TermBuilder(const Structure& structure, const Options& options)
      : options_(options),
        typing_(options.dialect == Dialect::paper ? type_by_papers(structure, options.fallback)
                                                  : type_by_deck(structure)),
        graph_(typing_.graph) {}

  Terms build() {
    terms_.n_atoms = graph_.n_atoms();
    for (const AtomType* type : typing_.types) terms_.atom_types.emplace_back(type->name);
    terms_.warnings = std::move(typing_.warnings);
    add_bonds();
    for (std::int32_t j = 0; j < graph_.n_atoms(); ++j) add_angles(j);
    for (std::size_t b = 0; b < graph_.bonds().size(); ++b) add_torsions(b);
    for (const InversionRule& rule : typing_.inversions) add_inversions(rule);
    add_exclusions();
    fill_pair_table();
    terms_.cutoff_A = options_.cutoff_A;
    const bool is_deck = options_.dialect == Dialect::lammps_interface;
    terms_.truncation = is_deck ? Truncation::plain : Truncation::switched;
    terms_.switch_start_A = is_deck ? options_.cutoff_A : (1 - kSwitchedPart) * options_.cutoff_A;
    terms_.tail_correction = options_.tail_correction != 0;  // both dialects include it unless told otherwise
    return std::move(terms_);
  }

 private:
  [[nodiscard]] const AtomType& type(std::int32_t atom) const { return *typing_.types[static_cast<std::size_t>(atom)]; }
  [[nodiscard]] double natural_length_of(const Neighbor& neighbor) const {
    return natural_lengths_A_[static_cast<std::size_t>(neighbor.bond)];
  }

  void add_bonds() {
    const auto bonds = graph_.bonds();
    for (std::size_t b = 0; b < bonds.size(); ++b) {
      const GraphBond& bond = bonds[b];
      const double order = typing_.bond_orders[b];
      const double r0 = natural_length_A(type(bond.i), type(bond.j), order);
      const double k = kForceConstantPrefactor * type(bond.i).z1 * type(bond.j).z1 / (r0 * r0 * r0);
      natural_lengths_A_.push_back(r0);
      terms_.perceived_bonds.push_back({bond.i, bond.j, bond.shift, order});
      terms_.bonds.push_back({bond.i, bond.j, bond.shift, k * kEvPerKcalMol, r0});
    }
  }

  void add_angles(std::int32_t j) {
    const auto neighbors = graph_.neighbors(j);
    const double cos0 = std::cos(type(j).theta0_deg * kDegree);
    for (std::size_t a = 0; a < neighbors.size(); ++a) {
      for (std::size_t b = a + 1; b < neighbors.size(); ++b) {
        const double r_ij = natural_length_of(neighbors[a]);
        const double r_jk = natural_length_of(neighbors[b]);
        const double r_ik2 = r_ij * r_ij + r_jk * r_jk - 2 * r_ij * r_jk * cos0;
        const double k = kForceConstantPrefactor * type(neighbors[a].atom).z1 * type(neighbors[b].atom).z1 /
                         std::pow(r_ik2, 2.5) * (3 * r_ij * r_jk * (1 - cos0 * cos0) - r_ik2 * cos0);
        terms_.angles.push_back({neighbors[a].atom, j, neighbors[b].atom, neighbors[a].shift, neighbors[b].shift,
                                 angle_polynomial(type(j), k * kEvPerKcalMol)});
      }
    }
  }

  void add_torsions(std::size_t b) {
    const TorsionRule& rule = typing_.torsions[b];
    if (rule.barrier_kcal == 0) return;
    const GraphBond& bond = graph_.bonds()[b];
    const Neighbor to_k{bond.j, bond.shift, static_cast<std::int32_t>(b)};
    const double m = static_cast<double>(graph_.degree(bond.i) - 1) * (graph_.degree(bond.j) - 1);
    for (const Neighbor& to_i : graph_.neighbors(bond.i)) {
      if (to_i.atom == to_k.atom && to_i.shift == to_k.shift) continue;
      for (const Neighbor& to_l : graph_.neighbors(bond.j)) {
        const Shift shift_l = bond.shift + to_l.shift;
        if (to_l.atom == bond.i && shift_l == Shift{0, 0, 0}) continue;
        if (to_l.atom == to_i.atom && shift_l == to_i.shift) continue;  // a ring of three has no torsion
        terms_.torsions.push_back(
            {to_i.atom, bond.i, bond.j, to_l.atom, to_i.shift, bond.shift, shift_l,
             torsion_polynomial(0.5 * rule.barrier_kcal / m * kEvPerKcalMol, -rule.cos_n_phi0, rule.n)});
      }
    }
  }

  void add_inversions(const InversionRule& rule) {
    for (const int axis : rule.axes) {
      const Neighbor& l = rule.neighbors[static_cast<std::size_t>(axis)];
      const Neighbor& j = rule.neighbors[static_cast<std::size_t>((axis + 1) % 3)];
      const Neighbor& k = rule.neighbors[static_cast<std::size_t>((axis + 2) % 3)];
      terms_.inversions.push_back({rule.center, j.atom, k.atom, l.atom, j.shift, k.shift, l.shift,
                                   rule.k_kcal * kEvPerKcalMol, rule.c0, rule.c1, rule.c2});
    }
  }

  void add_exclusions() {
    std::vector<ExcludedPair>& pairs = terms_.exclusions;
    for (std::int32_t j = 0; j < graph_.n_atoms(); ++j) {
      for (const Neighbor& a : graph_.neighbors(j)) {
        pairs.push_back({j, a.atom, a.shift});
        for (const Neighbor& b : graph_.neighbors(j)) {
          if (a.atom != b.atom || a.shift != b.shift) pairs.push_back({a.atom, b.atom, b.shift - a.shift});
        }
      }
    }
    const auto key = [](const ExcludedPair& pair) { return std::tie(pair.i, pair.j, pair.shift); };
    std::sort(pairs.begin(), pairs.end(), [key](const auto& a, const auto& b) { return key(a) < key(b); });
    pairs.erase(
        std::unique(pairs.begin(), pairs.end(), [key](const auto& a, const auto& b) { return key(a) == key(b); }),
        pairs.end());
  }

  /// Types in the order of their names, so that the table does not depend on the order of the atoms.
  void fill_pair_table() {
    std::map<std::string_view, std::int32_t> index_of;
    for (const AtomType* used : typing_.types) index_of.try_emplace(used->name, 0);
    std::vector<const AtomType*> used;
    for (auto& [name, index] : index_of) {
      index = static_cast<std::int32_t>(used.size());
      used.push_back(find_atom_type(name));
    }
    for (const AtomType* of_atom : typing_.types) terms_.lj_type.push_back(index_of.at(of_atom->name));
    terms_.n_lj_types = static_cast<std::int32_t>(used.size());
    for (const AtomType* a : used) {
      for (const AtomType* b : used) {
        const bool is_arithmetic = options_.dialect == Dialect::lammps_interface;
        terms_.lj_epsilon_eV.push_back(std::sqrt(a->d1 * b->d1) * kEvPerKcalMol);
        terms_.lj_x_A.push_back(is_arithmetic ? 0.5 * (a->x1 + b->x1) : std::sqrt(a->x1 * b->x1));
      }
    }
  }

  Options options_;
  Typing typing_;
  const BondGraph& graph_;
  Terms terms_;
  std::vector<double> natural_lengths_A_;
};

}  // namespace

bool set_group15_inversion(const AtomType& type, InversionRule& rule) {
  struct Center {
    std::string_view name;
    double omega0_deg;
  };
  constexpr std::array<Center, 4> centers{
      {{"P_3+3", 84.4339}, {"As3+3", 86.9735}, {"Sb3+3", 87.7047}, {"Bi3+3", 90.0}}};
  const auto found =
      std::find_if(centers.begin(), centers.end(), [&type](const Center& c) { return c.name == type.name; });
  if (found == centers.end()) return false;
  const double cos0 = std::cos(found->omega0_deg * kDegree);
  rule.k_kcal = 22.0 / 3.0;
  rule.c1 = -4 * cos0;
  rule.c2 = 1;
  rule.c0 = -rule.c1 * cos0 + std::cos(2 * found->omega0_deg * kDegree);
  return true;
}

Terms assign_terms(const Structure& structure, const Options& options) {
  return TermBuilder(structure, options).build();
}

}  // namespace mofkernel::uff4mof
