// The paper dialect on small structures whose bonding is known, and the refusals.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "check.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "potentials/uff4mof/terms.hpp"
#include "protocol/json.hpp"
#include "units.hpp"

namespace mofkernel::uff4mof {
namespace {

using fixtures::Vector;

Terms assign(const Structure& structure, Fallback fallback = Fallback::none) {
  Options options;
  options.fallback = fallback;
  return assign_terms(structure, options);
}

int count_types(const Terms& terms, const std::string& name) {
  return static_cast<int>(std::count(terms.atom_types.begin(), terms.atom_types.end(), name));
}

double order_between(const Terms& terms, std::int32_t a, std::int32_t b) {
  for (const Bond& bond : terms.perceived_bonds) {
    if ((bond.i == a && bond.j == b) || (bond.i == b && bond.j == a)) return bond.order;
  }
  return 0;
}

double value_at(const std::array<double, 5>& polynomial, double degrees) {
  const double c = std::cos(degrees * std::numbers::pi / 180);
  double value = 0;
  for (std::size_t m = polynomial.size(); m-- > 0;) value = value * c + polynomial[m];
  return value;
}

double value_at(const std::array<double, 7>& polynomial, double degrees) {
  const double c = std::cos(degrees * std::numbers::pi / 180);
  double value = 0;
  for (std::size_t m = polynomial.size(); m-- > 0;) value = value * c + polynomial[m];
  return value;
}

}  // namespace

TEST(benzene_is_aromatic) {
  const Terms terms = assign(fixtures::benzene());
  CHECK(count_types(terms, "C_R") == 6 && count_types(terms, "H_") == 6);
  CHECK(terms.bonds.size() == 12);
  CHECK(terms.angles.size() == 18);
  CHECK(terms.torsions.size() == 24);
  CHECK(terms.inversions.size() == 18);  // three axes at each of six carbons
  for (std::int32_t k = 0; k < 6; ++k) CHECK_CLOSE(order_between(terms, 2 * k, 2 * ((k + 1) % 6)), 1.5, 1e-12, 0);
  // UFF 1992, by hand: r 0.729, order 1.5, no electronegativity part: r0 = 1.458 (1 - 0.1332 ln 1.5); k =
  // 664.12 1.912^2 / r0^3.
  const double r0 = 1.458 * (1 - 0.1332 * std::log(1.5));
  for (const BondTerm& bond : terms.bonds) {
    if (bond.i % 2 != 0 || bond.j % 2 != 0) continue;
    CHECK_CLOSE(bond.r0, r0, 1e-12, 0);
    CHECK_CLOSE(bond.k, 664.12 * 1.912 * 1.912 / (r0 * r0 * r0) * kEvPerKcalMol, 0, 1e-12);
  }
  // Twofold barrier of the ring: V = 5 sqrt(2 2) (1 + 4.18 ln 1.5) over M = 4 torsions, flat at 0 and 180 degrees.
  const double barrier = 5 * 2 * (1 + 4.18 * std::log(1.5)) / 4 * kEvPerKcalMol;
  for (const TorsionTerm& torsion : terms.torsions) {
    CHECK_CLOSE(value_at(torsion.coefficients, 180), 0, 1e-12, 0);
    CHECK_CLOSE(value_at(torsion.coefficients, 90), barrier, 0, 1e-12);
  }
  for (const InversionTerm& inversion : terms.inversions) {
    CHECK_CLOSE(inversion.k_eV, 2 * kEvPerKcalMol, 0, 1e-12);
    CHECK_CLOSE(inversion.c0 + inversion.c1 + inversion.c2, 0, 1e-15, 0);
  }
}

TEST(methanol_is_saturated) {
  const Terms terms = assign(fixtures::methanol());
  CHECK(terms.atom_types[0] == "C_3" && terms.atom_types[1] == "O_3" && count_types(terms, "H_") == 4);
  CHECK(terms.bonds.size() == 5 && terms.angles.size() == 7 && terms.torsions.size() == 3 && terms.inversions.empty());
  // One centre of group 16 is not two: threefold, V = sqrt(2.119 0.018) over M = 3, staggered.
  for (const TorsionTerm& torsion : terms.torsions) {
    CHECK_CLOSE(value_at(torsion.coefficients, 60), 0, 1e-12, 0);
    CHECK_CLOSE(value_at(torsion.coefficients, 0), std::sqrt(2.119 * 0.018) / 3 * kEvPerKcalMol, 0, 1e-9);
  }
  for (const AngleTerm& angle : terms.angles) {
    const double theta0 = angle.j == 0 ? 109.47 : 104.51;
    CHECK_CLOSE(value_at(angle.coefficients, theta0), 0, 1e-12, 0);
    CHECK(value_at(angle.coefficients, theta0 + 5) > 0 && value_at(angle.coefficients, theta0 - 5) > 0);
  }
}

TEST(lennard_jones_mixes_geometrically_and_is_switched) {
  const Terms terms = assign(fixtures::methanol());
  CHECK(terms.n_lj_types == 3);
  const auto pair = static_cast<std::size_t>(terms.lj_type[0] * terms.n_lj_types + terms.lj_type[1]);
  CHECK_CLOSE(terms.lj_x_A[pair], std::sqrt(3.851 * 3.5), 0, 1e-12);
  CHECK_CLOSE(terms.lj_epsilon_eV[pair], std::sqrt(0.105 * 0.06) * kEvPerKcalMol, 0, 1e-12);
  CHECK(terms.truncation == Truncation::switched && terms.tail_correction);
  CHECK_CLOSE(terms.switch_start_A, 0.9 * terms.cutoff_A, 1e-12, 0);
}

TEST(quinone_is_not_aromatic_but_phenolate_is) {
  const Terms quinone = assign(fixtures::benzoquinone());
  CHECK(count_types(quinone, "C_2") == 6 && count_types(quinone, "O_2") == 2);
  CHECK_CLOSE(order_between(quinone, 0, 1), 2.0, 1e-12, 0);
  CHECK_CLOSE(order_between(quinone, 0, 2), 1.0, 1e-12, 0);
  CHECK_CLOSE(order_between(quinone, 2, 4), 2.0, 1e-12, 0);
  const Terms phenolate = assign(fixtures::phenolate());
  CHECK(count_types(phenolate, "C_R") == 6 && phenolate.atom_types[1] == "O_R");
  CHECK_CLOSE(order_between(phenolate, 0, 1), 1.0, 1e-12, 0);
}

TEST(double_bonds_are_placed_by_counting) {
  const Terms terms = assign(fixtures::butadiene());
  CHECK(count_types(terms, "C_2") == 4);
  CHECK_CLOSE(order_between(terms, 0, 1), 2.0, 1e-12, 0);
  CHECK_CLOSE(order_between(terms, 1, 2), 1.0, 1e-12, 0);
  CHECK_CLOSE(order_between(terms, 2, 3), 2.0, 1e-12, 0);
}

TEST(amide_has_the_published_order) {
  const Terms terms = assign(fixtures::formamide());
  CHECK(terms.atom_types[0] == "C_R" && terms.atom_types[1] == "O_2" && terms.atom_types[2] == "N_R");
  CHECK_CLOSE(order_between(terms, 0, 1), 2.0, 1e-12, 0);
  CHECK_CLOSE(order_between(terms, 0, 2), 1.41, 1e-12, 0);
}

TEST(linear_molecules) {
  fixtures::Builder dioxide;
  dioxide.add(6, {0, 0, 0});
  dioxide.add(8, {0, 0, 1.16});
  dioxide.add(8, {0, 0, -1.16});
  const Terms co2 = assign(dioxide.structure);
  CHECK(co2.atom_types[0] == "C_1" && count_types(co2, "O_2") == 2);
  CHECK_CLOSE(order_between(co2, 0, 1), 2.0, 1e-12, 0);
  CHECK(co2.angles.size() == 1);
  CHECK_CLOSE(value_at(co2.angles[0].coefficients, 180), 0, 1e-12, 0);
  fixtures::Builder cyanide;
  cyanide.add(1, {0, 0, -1.07});
  cyanide.add(6, {0, 0, 0});
  cyanide.add(7, {0, 0, 1.15});
  const Terms hcn = assign(cyanide.structure);
  CHECK(hcn.atom_types[1] == "C_1" && hcn.atom_types[2] == "N_1");
  CHECK_CLOSE(order_between(hcn, 1, 2), 3.0, 1e-12, 0);
}

TEST(quartz_gets_zeolite_oxygen) {
  const Terms terms = assign(fixtures::quartz());
  CHECK(count_types(terms, "Si3") == 3 && count_types(terms, "O_3_z") == 6);
  CHECK(terms.bonds.size() == 12 && terms.angles.size() == 24);
  for (const Bond& bond : terms.perceived_bonds) CHECK_CLOSE(bond.order, 1.0, 1e-12, 0);
}

TEST(mof5_node_has_the_types_of_the_2014_paper) {
  const Terms terms = assign(fixtures::zn4o_formate());
  CHECK(terms.atom_types[0] == "O_3_f" && count_types(terms, "Zn3f2") == 4);
  CHECK(count_types(terms, "O_2") == 12 && count_types(terms, "C_R") == 6);
  CHECK_CLOSE(order_between(terms, 0, 1), 0.5, 1e-12, 0);
  for (const Bond& bond : terms.perceived_bonds) {
    const auto& type_i = terms.atom_types[static_cast<std::size_t>(bond.i)];
    const auto& type_j = terms.atom_types[static_cast<std::size_t>(bond.j)];
    if (type_i == "Zn3f2" || type_j == "Zn3f2") CHECK_CLOSE(bond.order, 0.5, 1e-12, 0);
    if (type_i == "C_R" && type_j == "O_2") CHECK_CLOSE(bond.order, 1.5, 1e-12, 0);
    if (type_i == "O_2" && type_j == "C_R") CHECK_CLOSE(bond.order, 1.5, 1e-12, 0);
  }
}

TEST(paddlewheel_has_the_types_of_the_2014_paper) {
  const Terms terms = assign(fixtures::paddlewheel(29, 2.62, 1.95));
  CHECK(count_types(terms, "Cu4+2") == 2 && count_types(terms, "O_2") == 8 && count_types(terms, "C_R") == 4);
  CHECK_CLOSE(order_between(terms, 0, 1), 0.25, 1e-12, 0);
}

TEST(geometry_decides_between_tetrahedron_and_square) {
  CHECK(assign(fixtures::complex(27, 17, 2.27, fixtures::kTetrahedron)).atom_types[0] == "Co3+2");
  CHECK(assign(fixtures::complex(27, 17, 2.27, fixtures::kSquare)).atom_types[0] == "Co4+2");
  CHECK(assign(fixtures::complex(78, 17, 2.31, fixtures::kSquare)).atom_types[0] == "Pt4f2");
  CHECK_THROWS_CODE(assign(fixtures::complex(78, 17, 2.31, fixtures::kTetrahedron)), ErrorCode::atom_typing);
}

TEST(published_types_are_found_by_coordination_number) {
  struct Case {
    int metal;
    int ligand;
    double distance_A;
    const char* type;
  };
  const Case cases[] = {
      {22, 17, 2.35, "Ti6+4"}, {13, 9, 1.80, "Al6+3"}, {26, 17, 2.40, "Fe6+3"}, {39, 17, 2.63, "Y_6f3"}};
  for (const Case& c : cases) {
    CHECK(assign(fixtures::complex(c.metal, c.ligand, c.distance_A, fixtures::kOctahedron)).atom_types[0] == c.type);
  }
  CHECK(assign(fixtures::complex(5, 9, 1.40, fixtures::kTetrahedron)).atom_types[0] == "B_3");
  CHECK(assign(fixtures::complex(14, 9, 1.56, fixtures::kTetrahedron)).atom_types[0] == "Si3");
}

TEST(what_no_paper_types_is_refused_with_the_facts) {
  const Structure octahedral_zinc = fixtures::complex(30, 17, 2.45, fixtures::kOctahedron);
  try {
    assign(octahedral_zinc);
    check::fail(__FILE__, __LINE__, "six-coordinate zinc was typed");
  } catch (const KernelError& error) {
    CHECK(error.code() == ErrorCode::atom_typing);
    const std::string message = error.what();
    for (const char* part : {"atom 0 (Zn)", "6 neighbors", "Cl 3 at 2.450 A", "Zn4+2", "fallback=uff"}) {
      if (message.find(part) == std::string::npos)
        check::fail(__FILE__, __LINE__, std::string(part) + " is not in: " + message);
    }
    const json::Value details = json::parse(error.details_json());
    CHECK(details.at("atom_index").integer() == 0);
    CHECK(details.at("element").text() == "Zn");
    CHECK(details.at("coordination_number").integer() == 6);
    CHECK(details.at("neighbors").array().size() == 6);
    CHECK(details.at("neighbors").at(0).at("index").integer() == 1);
    CHECK_CLOSE(details.at("neighbors").at(0).at("distance_A").number(), 2.45, 1e-9, 0);
    CHECK(details.at("nearest_type").text() == "Zn4+2");
    CHECK(details.at("known_types").array().size() == 5);
  }
  const Terms terms = assign(octahedral_zinc, Fallback::uff);
  CHECK(terms.atom_types[0] == "Zn4+2");
  CHECK(terms.warnings.size() == 1 && terms.warnings[0].find("fallback=uff takes Zn4+2") != std::string::npos);
}

TEST(an_atom_without_partner_is_refused) {
  fixtures::Builder lone;
  lone.add(1, {0, 0, 0});
  CHECK_THROWS_CODE(assign(lone.structure), ErrorCode::atom_typing);
  fixtures::Builder oxygen;  // a water whose hydrogens the file lacks
  oxygen.add(8, {0, 0, 0});
  CHECK_THROWS_CODE(assign(oxygen.structure), ErrorCode::atom_typing);
  fixtures::Builder sodium;
  sodium.add(11, {0, 0, 0});
  CHECK(assign(sodium.structure).atom_types[0] == "Na");
}

TEST(an_empty_structure_has_no_terms) {
  const Terms terms = assign(Structure{});
  CHECK(terms.n_atoms == 0 && terms.bonds.empty() && terms.exclusions.empty());
}

}  // namespace mofkernel::uff4mof
