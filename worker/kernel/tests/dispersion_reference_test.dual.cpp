// Energies, forces, virials and energies per atom of simple-dftd3 and torch-dftd for frameworks, small cells, layers,
// chains and molecules, every element and every functional.
#include <fstream>
#include <iterator>
#include <string>

#include "dispersed.hpp"
#include "protocol/json.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using dispersed::Code, dispersed::Options, dispersed::Result, dispersed::Tolerance;

/// The programs have sqrt(Q) to 8 digits and convert covalent radii by a bohr of other years (1e-7 apart in torch-dftd,
/// which the exponent of 16 in the coordination numbers makes 1e-6 of a force).
constexpr Tolerance kDouble{3e-8, 6e-8};
/// Of numbers of 7 digits there are some 1e-6 eV left.
constexpr Tolerance kSingle{1e-6, 1e-6};

json::Value read_reference() {
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/dispersion.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
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
  for (std::size_t a = 0; a < 3; ++a) structure.pbc[a] = listed.at("pbc").at(a).boolean();
  const std::vector<double> positions = numbers_of(listed.at("positions_A"));
  for (std::size_t k = 0; k < positions.size(); k += 3)
    structure.positions.push_back({positions[k], positions[k + 1], positions[k + 2]});
  for (const double z : numbers_of(listed.at("atomic_numbers")))
    structure.atomic_numbers.push_back(static_cast<int>(z));
  return structure;
}

Options options_of(const json::Value& listed) {
  return {listed.at("functional").text(), listed.at("cutoff_A").number(), listed.at("coordination_cutoff_A").number()};
}

void compare(Precision precision, Code code, Tolerance allowed) {
  const auto context = make_test_context();
  const json::Value reference = read_reference();
  for (const auto& [name, listed] : reference.at("structures").object()) {
    Result theirs{listed.at("energy_eV").number(),
                  numbers_of(listed.at("forces_eV_A")),
                  {},
                  numbers_of(listed.at("energies_per_atom_eV"))};
    if (const json::Value* const virial = listed.find("virial_eV")) theirs.virial = numbers_of(*virial);
    const Result ours = dispersed::evaluate(*context, structure_of(listed), options_of(listed), precision, code);
    const int failures = check::failures();
    dispersed::check_same(ours, theirs, allowed);
    if (check::failures() != failures) std::printf("  … of \"%s\"\n", name.c_str());
  }
}

}  // namespace

TEST(everything_is_that_of_other_programs) { compare(Precision::float64, Code::product, kDouble); }
TEST(everything_is_that_of_other_programs_in_single_precision) { compare(Precision::float32, Code::product, kSingle); }
TEST(everything_is_that_of_other_programs_in_mixed_precision) { compare(Precision::mixed, Code::product, kSingle); }
TEST(the_plain_twin_is_that_of_other_programs) { compare(Precision::float64, Code::plain, kDouble); }
TEST(the_plain_twin_is_that_of_other_programs_in_single_precision) {
  compare(Precision::float32, Code::plain, kSingle);
}

TEST(every_functional_is_that_of_simple_dftd3) {
  const auto context = make_test_context();
  const json::Value reference = read_reference();
  const json::Value& benzene = reference.at("structures").at("benzene");
  const auto& by_functional = reference.at("benzene_by_functional_eV").object();
  CHECK(by_functional.size() == 43);
  for (const auto& [functional, energy] : by_functional) {
    Options options = options_of(benzene);
    options.functional = functional;
    CHECK_CLOSE(dispersed::evaluate(*context, structure_of(benzene), options).energy, energy.number(), 1e-7, 0);
  }
}

}  // namespace mofkernel::MOFK_NS
