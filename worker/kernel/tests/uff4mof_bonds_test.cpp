// Bond perception: which pairs, at which image, in both dialects.
#include <algorithm>
#include <map>
#include <set>

#include "check.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "potentials/uff4mof/close_pairs.hpp"
#include "potentials/uff4mof/perceive_bonds.hpp"
#include "potentials/uff4mof/rings.hpp"

namespace mofkernel::uff4mof {
namespace {

constexpr Dialect kDialects[] = {Dialect::paper, Dialect::lammps_interface};

int count_bonds(const Structure& structure, const BondGraph& graph, int z_a, int z_b) {
  return static_cast<int>(std::count_if(graph.bonds().begin(), graph.bonds().end(), [&](const GraphBond& bond) {
    const int z_i = structure.atomic_numbers[static_cast<std::size_t>(bond.i)];
    const int z_j = structure.atomic_numbers[static_cast<std::size_t>(bond.j)];
    return (z_i == z_a && z_j == z_b) || (z_i == z_b && z_j == z_a);
  }));
}

/// Primitive cell of diamond: a 3.567 A, two atoms.
Structure diamond() {
  constexpr double h = 3.567 / 2;
  Structure s;
  s.cell = {{{0, h, h}, {h, 0, h}, {h, h, 0}}};
  s.positions = {{0, 0, 0}, {h / 2, h / 2, h / 2}};
  s.atomic_numbers = {6, 6};
  return s;
}

}  // namespace

TEST(four_bonds_join_the_same_two_atoms_of_diamond) {
  for (const Dialect dialect : kDialects) {
    const BondGraph graph = perceive_bonds(diamond(), dialect);
    CHECK(graph.bonds().size() == 4);
    CHECK(graph.degree(0) == 4 && graph.degree(1) == 4);
    std::set<Shift> shifts;
    for (const GraphBond& bond : graph.bonds()) {
      CHECK_CLOSE(bond.distance_A, 3.567 * std::sqrt(3.0) / 4, 1e-12, 0);
      shifts.insert(bond.shift);
    }
    CHECK(shifts.size() == 4);
  }
}

TEST(an_atom_is_bonded_to_its_own_images) {
  Structure chain;  // a straight chain of carbon, one atom per cell
  chain.cell = {{{1.30, 0, 0}, {0, 12, 0}, {0, 0, 12}}};
  chain.positions = {{0.2, 0, 0}};
  chain.atomic_numbers = {6};
  for (const Dialect dialect : kDialects) {
    const BondGraph graph = perceive_bonds(chain, dialect);
    CHECK(graph.bonds().size() == 1);
    CHECK(graph.degree(0) == 2);
    CHECK((graph.bonds()[0].shift == Shift{1, 0, 0}));
  }
}

TEST(axes_that_are_not_periodic_have_no_images) {
  Structure chain;
  chain.cell = {{{1.30, 0, 0}, {0, 0, 0}, {0, 0, 0}}};
  chain.pbc = {true, false, false};
  chain.positions = {{0.2, 5, -3}};
  chain.atomic_numbers = {6};
  CHECK(perceive_bonds(chain, Dialect::paper).bonds().size() == 1);
  chain.pbc = {false, false, false};
  CHECK(perceive_bonds(chain, Dialect::paper).bonds().empty());
}

TEST(close_pairs_equal_a_brute_force_search) {
  // Strongly skewed, smaller than the reach; atoms far outside the cell.
  Structure s;
  s.cell = {{{4.1, 0, 0}, {2.9, 3.3, 0}, {-1.7, 1.2, 2.8}}};
  s.positions = {{0.1, 0.2, 0.3}, {1.9, 1.1, 0.7}, {-30.0, 17.0, 55.0}};
  s.atomic_numbers = {6, 6, 6};
  constexpr double reach_A = 5.0;
  const auto key = [](std::int32_t i, std::int32_t j, const Shift& shift) { return std::tuple(i, j, shift); };
  std::set<std::tuple<std::int32_t, std::int32_t, Shift>> expected;
  for (std::int32_t i = 0; i < 3; ++i) {
    for (std::int32_t j = i; j < 3; ++j) {
      for (int a = -40; a <= 40; ++a) {
        for (int b = -40; b <= 40; ++b) {
          for (int c = -40; c <= 40; ++c) {
            const Shift shift{a, b, c};
            if (i == j && shift <= Shift{0, 0, 0}) continue;
            const auto far = position_of(s, j, shift);
            const auto& near = s.positions[static_cast<std::size_t>(i)];
            if (std::hypot(far[0] - near[0], far[1] - near[1], far[2] - near[2]) < reach_A)
              expected.insert(key(i, j, shift));
          }
        }
      }
    }
  }
  std::set<std::tuple<std::int32_t, std::int32_t, Shift>> found;
  for (const GraphBond& pair : find_close_pairs(s, reach_A))
    CHECK(found.insert(key(pair.i, pair.j, pair.shift)).second);
  CHECK(expected.size() > 50);
  CHECK(found == expected);
}

TEST(overlapping_atoms_are_refused_by_name) {
  Structure s = fixtures::benzene();
  s.positions.push_back({1.395, 0.3, 0});
  s.atomic_numbers.push_back(6);
  for (const Dialect dialect : kDialects) {
    try {
      perceive_bonds(s, dialect);
      check::fail(__FILE__, __LINE__, "overlap was accepted");
    } catch (const KernelError& error) {
      CHECK(error.code() == ErrorCode::bad_structure);
      CHECK(std::string(error.what()).find("0 (C) and 12 (C)") != std::string::npos);
      CHECK(std::string(error.what()).find("0.300 A") != std::string::npos);
    }
  }
}

TEST(structures_that_cannot_be_searched_are_refused) {
  Structure flat = diamond();
  flat.cell[2] = flat.cell[1];
  CHECK_THROWS_CODE(perceive_bonds(flat, Dialect::paper), ErrorCode::bad_structure);
  Structure nan = diamond();
  nan.positions[1][2] = std::nan("");
  CHECK_THROWS_CODE(perceive_bonds(nan, Dialect::paper), ErrorCode::bad_structure);
  Structure unknown = diamond();
  unknown.atomic_numbers[0] = 104;
  CHECK_THROWS_CODE(perceive_bonds(unknown, Dialect::paper), ErrorCode::bad_structure);
}

TEST(zinc_atoms_of_a_basic_carboxylate_are_not_bonded) {
  const Structure node = fixtures::zn4o_formate();
  const BondGraph graph = perceive_bonds(node, Dialect::paper);
  CHECK(count_bonds(node, graph, 30, 30) == 0);
  CHECK(count_bonds(node, graph, 30, 6) == 0);
  CHECK(count_bonds(node, graph, 30, 8) == 16);
  CHECK(count_bonds(node, graph, 6, 8) == 12);
  CHECK(graph.bonds().size() == 34);
}

TEST(paddlewheels_keep_their_metal_metal_bond) {
  for (const auto& [metal, distance_A] : std::map<int, double>{{29, 2.62}, {30, 2.95}, {28, 2.70}}) {
    const Structure wheel = fixtures::paddlewheel(metal, distance_A, 1.97);
    const BondGraph graph = perceive_bonds(wheel, Dialect::paper);
    CHECK(count_bonds(wheel, graph, metal, metal) == 1);
    CHECK(count_bonds(wheel, graph, metal, 6) == 0);
    CHECK(graph.degree(0) == 5);
  }
}

TEST(hydrogen_keeps_its_nearest_partner) {
  fixtures::Builder b;  // a very short hydrogen bond
  b.add(8, {0, 0, 0});
  b.add(1, {1.10, 0, 0});
  b.add(8, {2.40, 0, 0});
  const BondGraph graph = perceive_bonds(b.structure, Dialect::paper);
  CHECK(graph.bonds().size() == 1);
  CHECK(graph.degree(1) == 1 && graph.degree(0) == 1);
}

TEST(alkali_metals_are_ions) {
  const Structure s = fixtures::complex(11, 8, 2.3, fixtures::kOctahedron);
  for (const Dialect dialect : kDialects) CHECK(perceive_bonds(s, dialect).bonds().empty());
}

TEST(a_chain_through_the_boundary_is_no_ring) {
  Structure chain;  // six carbons of a zigzag chain close on themselves only through the lattice
  chain.cell = {{{7.38, 0, 0}, {0, 15, 0}, {0, 0, 15}}};
  for (int k = 0; k < 6; ++k) {
    chain.positions.push_back({1.23 * k, k % 2 == 0 ? 0.0 : 0.70, 0});
    chain.atomic_numbers.push_back(6);
  }
  const BondGraph graph = perceive_bonds(chain, Dialect::paper);
  CHECK(graph.bonds().size() == 6);
  for (std::int32_t b = 0; b < 6; ++b) CHECK(rings_through_bond(graph, b, {10, 1, 10}).empty());
  const BondGraph benzene = perceive_bonds(fixtures::benzene(), Dialect::paper);
  int n_ring_bonds = 0;
  for (std::int32_t b = 0; b < 12; ++b)
    n_ring_bonds += static_cast<int>(rings_through_bond(benzene, b, {10, 0, 10}).size());
  CHECK(n_ring_bonds == 6);
}

}  // namespace mofkernel::uff4mof
