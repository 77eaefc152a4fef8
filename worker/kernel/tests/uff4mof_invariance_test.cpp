// The same terms come out however the structure is written down: moved, turned, renumbered, repeated, atoms in other
// cells.
#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <string>

#include "check.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "potentials/uff4mof/terms.hpp"
#include "reference.hpp"
#include "reference_structure.hpp"

namespace mofkernel::uff4mof {
namespace {

/// Every term as text (types and coefficients), and how often it occurs; the numbering of the atoms is not in it.
using Inventory = std::map<std::string, int>;

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", std::abs(number) < 1e-13 ? 0.0 : number);
  return text;
}

Inventory inventory_of(const Structure& structure, Dialect dialect) {
  Options options;
  options.dialect = dialect;
  const Terms terms = assign_terms(structure, options);
  const auto name = [&terms](std::int32_t atom) { return terms.atom_types[static_cast<std::size_t>(atom)]; };
  Inventory inventory;
  const auto add = [&inventory](const char* kind, const std::string& forward, const std::string& backward,
                                const auto& numbers) {
    std::string key = std::string(kind) + " " + std::min(forward, backward);
    for (const double number : numbers) key += " " + text_of(number);
    ++inventory[key];
  };
  for (const std::string& type : terms.atom_types) ++inventory["atom " + type];
  for (std::size_t b = 0; b < terms.bonds.size(); ++b) {
    const BondTerm& t = terms.bonds[b];
    const std::array<double, 3> numbers{terms.perceived_bonds[b].order, t.k, t.r0};
    add("bond", name(t.i) + " " + name(t.j), name(t.j) + " " + name(t.i), numbers);
  }
  for (const AngleTerm& t : terms.angles) {
    const std::string forward = name(t.i) + " " + name(t.j) + " " + name(t.k);
    add("angle", forward, name(t.k) + " " + name(t.j) + " " + name(t.i), t.coefficients);
  }
  for (const TorsionTerm& t : terms.torsions) {
    const std::string forward = name(t.i) + " " + name(t.j) + " " + name(t.k) + " " + name(t.l);
    add("torsion", forward, name(t.l) + " " + name(t.k) + " " + name(t.j) + " " + name(t.i), t.coefficients);
  }
  for (const InversionTerm& t : terms.inversions) {
    const std::array<double, 4> numbers{t.k_eV, t.c0, t.c1, t.c2};
    const std::string forward = name(t.center) + " " + name(t.l) + " " + name(t.j) + " " + name(t.k);
    add("inversion", forward, name(t.center) + " " + name(t.l) + " " + name(t.k) + " " + name(t.j), numbers);
  }
  for (const ExcludedPair& pair : terms.exclusions) ++inventory["excluded " + name(pair.i) + " " + name(pair.j)];
  return inventory;
}

Inventory times(Inventory inventory, int factor) {
  for (auto& [key, count] : inventory) count *= factor;
  return inventory;
}

Structure moved(Structure s, const fixtures::Vector& by) {
  for (auto& position : s.positions) {
    for (std::size_t axis = 0; axis < 3; ++axis) position[axis] += by[axis];
  }
  return s;
}

Structure turned(Structure s) {
  // About (1, 2, 3) by one radian: Rodrigues.
  const double n = std::sqrt(14.0);
  const fixtures::Vector u{1 / n, 2 / n, 3 / n};
  const double c = std::cos(1.0);
  const double q = std::sin(1.0);
  const auto turn = [&](fixtures::Vector& v) {
    const double along = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) * (1 - c);
    const fixtures::Vector w{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
    for (std::size_t a = 0; a < 3; ++a) v[a] = v[a] * c + w[a] * q + u[a] * along;
  };
  for (auto& row : s.cell) turn(row);
  for (auto& position : s.positions) turn(position);
  return s;
}

Structure renumbered(const Structure& s, std::mt19937& random) {
  std::vector<std::size_t> order(s.positions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  Structure result = s;
  for (std::size_t i = 0; i < order.size(); ++i) {
    result.positions[i] = s.positions[order[i]];
    result.atomic_numbers[i] = s.atomic_numbers[order[i]];
  }
  return result;
}

Structure scattered_over_cells(Structure s, std::mt19937& random) {
  std::uniform_int_distribution<int> cells(-3, 3);
  for (auto& position : s.positions) {
    for (std::size_t row = 0; row < 3; ++row) {
      const int n = s.pbc[row] ? cells(random) : 0;
      for (std::size_t axis = 0; axis < 3; ++axis) position[axis] += n * s.cell[row][axis];
    }
  }
  return s;
}

void check_invariance(const Structure& s, Dialect dialect) {
  std::mt19937 random(7);
  const Inventory expected = inventory_of(s, dialect);
  CHECK(!expected.empty());
  CHECK(inventory_of(moved(s, {0.37, -11.2, 4.4}), dialect) == expected);
  CHECK(inventory_of(turned(s), dialect) == expected);
  if (s.pbc[0]) CHECK(inventory_of(fixtures::repeat(s, 2, 1, 3), dialect) == times(expected, 6));
  // The decks' rules look at the order of the atoms and, for flat metals, at positions without images: papers only.
  if (dialect == Dialect::lammps_interface) return;
  CHECK(inventory_of(renumbered(s, random), dialect) == expected);
  CHECK(inventory_of(scattered_over_cells(s, random), dialect) == expected);
}

}  // namespace

TEST(terms_of_small_structures_are_invariant) {
  for (const Structure& s : {fixtures::benzene(), fixtures::benzoquinone(), fixtures::phenolate(), fixtures::methanol(),
                             fixtures::formamide(), fixtures::butadiene(), fixtures::quartz(),
                             fixtures::zn4o_formate(14.0), fixtures::paddlewheel(29, 2.62, 1.95)}) {
    for (const Dialect dialect : {Dialect::paper, Dialect::lammps_interface}) check_invariance(s, dialect);
  }
}

TEST(terms_of_the_reference_frameworks_are_invariant) {
  for (const std::string& name : reference::names()) {
    const Structure s = reference::structure_with_elements(reference::read(name).at("unit_cell"), "original");
    const int failures_before = check::failures();
    for (const Dialect dialect : {Dialect::paper, Dialect::lammps_interface}) check_invariance(s, dialect);
    if (check::failures() != failures_before) std::printf("  in %s\n", name.c_str());
  }
}

TEST(displaced_atoms_keep_their_terms) {
  // Normal displacements of 0.05 A per coordinate, as in a crystal at a few hundred kelvin.
  for (const std::string& name : reference::names()) {
    const json::Value block = reference::read(name).at("unit_cell");
    const auto inventory = [&block](const char* configuration) {
      return inventory_of(reference::structure_with_elements(block, configuration), Dialect::paper);
    };
    CHECK(inventory("perturbed") == inventory("original"));
  }
}

}  // namespace mofkernel::uff4mof
