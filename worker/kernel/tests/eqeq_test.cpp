// Charges by extended charge equilibration against another solution of the paper's equations and against the authors'
// program (tests/reference/make_eqeq.py), and what must hold for them.
#include "potentials/electrostatics/eqeq.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>

#include "check.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "potentials/electrostatics/eqeq_elements.hpp"
#include "potentials/electrostatics/symmetric_solve.hpp"
#include "protocol/json.hpp"

namespace mofkernel::electrostatics {

namespace {

json::Value read_reference() {
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/eqeq.json");
  return json::parse(std::string{std::istreambuf_iterator<char>(file), {}}).at("structures");
}

std::vector<double> numbers_of(const json::Value& value) {
  std::vector<double> numbers;
  for (const json::Value& number : value.array()) numbers.push_back(number.number());
  return numbers;
}

Structure structure_of(const json::Value& listed) {
  Structure structure;
  const std::vector<double> cell = numbers_of(listed.at("cell_A"));
  for (std::size_t k = 0; k < 9; ++k) structure.cell[k / 3][k % 3] = cell[k];
  const std::vector<double> fractional = numbers_of(listed.at("fractional"));
  for (const double z : numbers_of(listed.at("atomic_numbers")))
    structure.atomic_numbers.push_back(static_cast<int>(z));
  for (std::size_t k = 0; k < fractional.size(); k += 3) {
    auto& position = structure.positions.emplace_back();
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t a = 0; a < 3; ++a) position[a] += fractional[k + row] * structure.cell[row][a];
    }
  }
  return structure;
}

double sum_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

void check_all(const std::vector<double>& ours, const std::vector<double>& expected, double allowed) {
  CHECK(ours.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK_CLOSE(ours[i], expected[i], allowed, 0);
}

}  // namespace

TEST(charges_agree_with_another_solution_of_the_equations) {
  const json::Value reference = read_reference();
  for (const char* const name : {"MOF-5_primitive", "HKUST-1_primitive", "Mg-MOF-74_primitive", "UiO-66_primitive"}) {
    const json::Value& listed = reference.at(name);
    const std::vector<double> charges = eqeq_charges(structure_of(listed));
    // Both sums are cut off where a pair counts 1e-9; coordinates carry seven digits.
    check_all(charges, numbers_of(listed.at("converged_e")), 1e-6);
    CHECK_CLOSE(sum_of(charges), 0, 1e-10, 0);
  }
}

TEST(charges_of_irmof_1_agree_with_the_authors_program) {
  const json::Value reference = read_reference();
  const json::Value& listed = reference.at("IRMOF1");
  // Three digits are printed, after an adjustment of the last one for neutrality; the sums over 5 x 5 x 5 cells leave
  // out as much again.
  check_all(eqeq_charges(structure_of(listed)), numbers_of(listed.at("published_e")), 0.002);
}

TEST(equivalent_atoms_have_equal_charges) {
  const json::Value reference = read_reference();
  const Structure mof5 = structure_of(reference.at("MOF-5_primitive"));
  const std::vector<double> charges = eqeq_charges(mof5);
  const auto range = [&](int atomic_number) {
    double low = 10;
    double high = -10;
    for (std::size_t i = 0; i < charges.size(); ++i) {
      if (mof5.atomic_numbers[i] != atomic_number) continue;
      low = std::min(low, charges[i]);
      high = std::max(high, charges[i]);
    }
    return std::pair{low, high};
  };
  // One site each of Zn and H in Fm-3m; the coordinates carry seven digits.
  CHECK_CLOSE(range(30).first, range(30).second, 1e-5, 0);
  CHECK_CLOSE(range(1).first, range(1).second, 1e-5, 0);
  CHECK(range(30).first > 0 && range(8).second < 0);
}

TEST(a_supercell_has_the_charges_of_its_cell) {
  const Structure cell = fixtures::quartz();
  const std::vector<double> charges = eqeq_charges(cell);
  const std::vector<double> repeated = eqeq_charges(fixtures::repeat(cell, 2, 1, 2));
  for (std::size_t i = 0; i < repeated.size(); ++i) CHECK_CLOSE(repeated[i], charges[i % charges.size()], 1e-7, 0);
}

TEST(a_molecule_in_a_wide_box_has_the_charges_of_the_molecule) {
  const Structure alone = fixtures::zn4o_formate();
  const std::vector<double> charges = eqeq_charges(alone);
  CHECK_CLOSE(sum_of(charges), 0, 1e-10, 0);
  // Without dipole and quadrupole (the node is cubic) images matter little 40 A away.
  check_all(eqeq_charges(fixtures::zn4o_formate(40)), charges, 1e-4);
}

TEST(what_eqeq_cannot_do_is_refused) {
  Structure structure = fixtures::quartz();
  structure.pbc = {true, true, false};
  CHECK_THROWS_CODE(eqeq_charges(structure), ErrorCode::unsupported);
  structure = fixtures::quartz();
  structure.atomic_numbers[0] = 96;
  CHECK_THROWS_CODE(eqeq_charges(structure), ErrorCode::unsupported);
  structure = fixtures::quartz();
  structure.positions[1] = structure.positions[0];
  CHECK_THROWS_CODE(eqeq_charges(structure), ErrorCode::bad_structure);
  structure = fixtures::quartz();
  structure.cell[2] = structure.cell[1];
  CHECK_THROWS_CODE(eqeq_charges(structure), ErrorCode::bad_structure);
}

TEST(ionization_energies_rise) {
  int n_found = 0;
  for (int z = 1; z <= 118; ++z) {
    const EqeqElement* const element = find_eqeq_element(z);
    if (element == nullptr) continue;
    ++n_found;
    CHECK(element->atomic_number == z && element->upper > element->lower && element->center >= 0);
  }
  CHECK(n_found == 87);
}

TEST(symmetric_equations_are_solved_at_every_block_size) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (const int n : {1, 2, 63, 64, 65, 128, 200}) {
    const auto size = static_cast<std::size_t>(n);
    std::vector<double> matrix(size * size);
    std::vector<double> x(size);
    for (std::size_t i = 0; i < size; ++i) {
      x[i] = uniform(random);
      for (std::size_t j = 0; j <= i; ++j)
        matrix[i * size + j] = matrix[j * size + i] = uniform(random) + (i == j ? n : 0);
    }
    std::vector<double> right(size, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) right[i] += matrix[i * size + j] * x[j];
    }
    CHECK(factorize(matrix, n));
    solve_factorized(matrix, n, right);
    check_all(right, x, 1e-12);
  }
  std::vector<double> indefinite{1, 2, 2, 1};
  CHECK(!factorize(indefinite, 2));
}

}  // namespace mofkernel::electrostatics
