// Dialect lammps_interface: from nothing but cell, positions and elements to the terms of the reference decks.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "check.hpp"
#include "potentials/potential.hpp"
#include "reference.hpp"
#include "reference_structure.hpp"

namespace mofkernel {
namespace {

using uff4mof::Terms;

/// LTL_uff was made with another force field option of the tool (Si-O order 1 instead of 0.5), which no dialect offers.
bool is_other_force_field(const std::string& name) { return name == "LTL_uff"; }

Terms assign(const json::Value& block, const std::string& configuration) {
  return uff4mof::assign_terms(reference::structure_with_elements(block, configuration),
                               {.dialect = uff4mof::Dialect::lammps_interface,
                                .cutoff_A = block.at("cutoff_A").number(),
                                .fallback = uff4mof::Fallback::none,
                                .tail_correction = -1});
}

Shift minus(const Shift& a, const Shift& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

using Key = std::vector<std::int64_t>;

Key key_of(std::initializer_list<std::pair<std::int32_t, Shift>> sites) {
  Key key;
  for (const auto& [atom, shift] : sites) key.insert(key.end(), {atom, shift[0], shift[1], shift[2]});
  return key;
}

constexpr Shift kHome{0, 0, 0};

Key key_of(const uff4mof::BondTerm& t) {
  return std::min(key_of({{t.i, kHome}, {t.j, t.shift}}), key_of({{t.j, kHome}, {t.i, minus(kHome, t.shift)}}));
}
Key key_of(const uff4mof::AngleTerm& t) {
  return std::min(key_of({{t.j, kHome}, {t.i, t.shift_i}, {t.k, t.shift_k}}),
                  key_of({{t.j, kHome}, {t.k, t.shift_k}, {t.i, t.shift_i}}));
}
Key key_of(const uff4mof::TorsionTerm& t) {
  return std::min(key_of({{t.j, kHome}, {t.i, t.shift_i}, {t.k, t.shift_k}, {t.l, t.shift_l}}),
                  key_of({{t.k, kHome},
                          {t.l, minus(t.shift_l, t.shift_k)},
                          {t.j, minus(kHome, t.shift_k)},
                          {t.i, minus(t.shift_i, t.shift_k)}}));
}
Key key_of(const uff4mof::InversionTerm& t) {
  return std::min(key_of({{t.center, kHome}, {t.l, t.shift_l}, {t.j, t.shift_j}, {t.k, t.shift_k}}),
                  key_of({{t.center, kHome}, {t.l, t.shift_l}, {t.k, t.shift_k}, {t.j, t.shift_j}}));
}

std::vector<double> numbers_of(const uff4mof::BondTerm& t) { return {t.k, t.r0}; }
std::vector<double> numbers_of(const uff4mof::AngleTerm& t) { return {t.coefficients.begin(), t.coefficients.end()}; }
std::vector<double> numbers_of(const uff4mof::TorsionTerm& t) { return {t.coefficients.begin(), t.coefficients.end()}; }
std::vector<double> numbers_of(const uff4mof::InversionTerm& t) { return {t.k_eV, t.c0, t.c1, t.c2}; }

/// The same terms, each as often, with the same coefficients.
template <typename Term>
void compare(const std::vector<Term>& ours, const std::vector<Term>& listed) {
  CHECK(ours.size() == listed.size());
  std::multimap<Key, std::vector<double>> expected;
  for (const Term& term : listed) expected.emplace(key_of(term), numbers_of(term));
  for (const Term& term : ours) {
    const auto found = expected.find(key_of(term));
    CHECK(found != expected.end());
    if (found == expected.end()) continue;
    const std::vector<double> numbers = numbers_of(term);
    double scale = 0;
    for (const double number : found->second) scale = std::max(scale, std::abs(number));
    // The files print 15 digits.
    for (std::size_t k = 0; k < numbers.size(); ++k) CHECK_CLOSE(numbers[k], found->second[k], 1e-11 * scale, 0);
    expected.erase(found);
  }
  CHECK(expected.empty());
}

void compare_terms(const Terms& ours, const json::Value& block) {
  const Terms listed = reference::terms(block, reference::Mixing::arithmetic, true, reference::Impropers::as_listed);
  const auto& types = block.at("uff4mof_type").array();
  for (std::size_t i = 0; i < types.size(); ++i) CHECK(ours.atom_types[i] == types[i].text());
  std::map<Key, double> orders;
  for (const uff4mof::Bond& bond : ours.perceived_bonds) {
    orders[key_of(uff4mof::BondTerm{bond.i, bond.j, bond.shift, 0, 0})] = bond.order;
  }
  const auto& rows = block.at("bonds_i_j_ix_iy_iz_order_type").array();
  CHECK(rows.size() == orders.size());
  for (std::size_t b = 0; b < rows.size(); ++b)
    CHECK_CLOSE(orders[key_of(listed.bonds[b])], rows[b].at(5).number(), 1e-12, 0);
  compare(ours.bonds, listed.bonds);
  compare(ours.angles, listed.angles);
  compare(ours.torsions, listed.torsions);
  compare(ours.inversions, listed.inversions);
  CHECK(ours.exclusions.size() == listed.exclusions.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto ours_at = static_cast<std::size_t>(ours.lj_type[i] * ours.n_lj_types + ours.lj_type[0]);
    const auto listed_at = static_cast<std::size_t>(listed.lj_type[i] * listed.n_lj_types + listed.lj_type[0]);
    CHECK_CLOSE(ours.lj_epsilon_eV[ours_at], listed.lj_epsilon_eV[listed_at], 0, 1e-12);
    CHECK_CLOSE(ours.lj_x_A[ours_at], listed.lj_x_A[listed_at], 0, 1e-12);
  }
  CHECK(ours.truncation == uff4mof::Truncation::plain && ours.tail_correction);
}

template <typename Visit>
void for_each_configuration(Visit visit) {
  for (const std::string& name : reference::names()) {
    if (is_other_force_field(name)) continue;
    const json::Value file = reference::read(name);
    for (const std::string block : {"unit_cell", "supercell"}) {
      for (const std::string configuration : {"original", "perturbed"}) {
        const int failures_before = check::failures();
        visit(file.at(block), configuration);
        if (check::failures() != failures_before)
          std::printf("  in %s %s %s\n", name.c_str(), block.c_str(), configuration.c_str());
      }
    }
  }
}

}  // namespace

TEST(every_term_of_the_decks_is_reproduced) {
  for_each_configuration([](const json::Value& block, const std::string& configuration) {
    compare_terms(assign(block, configuration), block);
  });
}

TEST(component_energies_and_forces_of_the_decks_are_reproduced) {
  const auto context = std::make_unique<cpu::Context>();
  for_each_configuration([&context](const json::Value& block, const std::string& configuration) {
    const Structure structure = reference::structure_with_elements(block, configuration);
    const Terms terms = assign(block, configuration);
    const cpu::Batch batch = cpu::make_batch(*context, std::span(&structure, 1));
    const auto potential = cpu::make_uff4mof(*context, std::span(&terms, 1), Precision::float64);
    cpu::DeviceEvaluation out(*context, batch, 5);
    potential->evaluate(batch, {.forces = true, .stress = false, .per_atom = false}, out);
    const std::vector<double> components = out.energy_components.to_host();
    const json::Value& expected = block.at("configurations").at(configuration).at("energy").at("kcal_mol");
    const char* const names[] = {"bond", "angle", "dihedral", "improper", "vdw"};
    // LAMMPS' printed digits and the sum over up to 1872 atoms.
    for (std::size_t c = 0; c < 5; ++c)
      CHECK_CLOSE(components[c] / kEvPerKcalMol, expected.at(names[c]).number(), 1e-6, 1e-8);
    const std::vector<double> forces = out.forces.to_host();
    const json::Array& rows = block.at("configurations").at(configuration).at("forces_kcal_mol_A").array();
    CHECK(rows.size() * 3 == forces.size());
    for (std::size_t i = 0; i < forces.size(); ++i)
      CHECK_CLOSE(forces[i] / kEvPerKcalMol, rows[i / 3].at(i % 3).number(), 1e-6, 1e-8);
  });
}

TEST(typing_before_the_displacement_serves_the_displaced_atoms) {
  const auto context = std::make_unique<cpu::Context>();
  for (const std::string& name : reference::names()) {
    if (is_other_force_field(name)) continue;
    const json::Value file = reference::read(name);
    const json::Value& block = file.at("unit_cell");
    const Structure displaced = reference::structure_with_elements(block, "perturbed");
    const Terms terms = assign(block, "original");
    const cpu::Batch batch = cpu::make_batch(*context, std::span(&displaced, 1));
    const auto potential = cpu::make_uff4mof(*context, std::span(&terms, 1), Precision::float64);
    cpu::DeviceEvaluation out(*context, batch, 5);
    potential->evaluate(batch, {.forces = false, .stress = false, .per_atom = false}, out);
    const double expected = block.at("configurations").at("perturbed").at("energy").at("kcal_mol").at("total").number();
    CHECK_CLOSE(out.energies.to_host()[0] / kEvPerKcalMol, expected, 1e-6, 1e-8);
  }
}

}  // namespace mofkernel
