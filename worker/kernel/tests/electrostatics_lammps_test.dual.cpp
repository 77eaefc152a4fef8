// Energies, forces, stresses and energies per atom of LAMMPS for charged frameworks in triclinic and orthogonal cells:
// coul/long with ewald and with pppm, coul/dsf; bonded pairs left out as in special_bonds 0 0 1.
#include <fstream>
#include <iterator>
#include <numbers>
#include <numeric>

#include "charged.hpp"
#include "geometry/lattice.hpp"
#include "protocol/json.hpp"
#include "units.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// The relative error that the issue allows; LAMMPS was asked for 1e-8 of a force between unit charges 1 A apart.
constexpr double kAllowed = 1e-5;

std::vector<double> numbers_of(const json::Value& value) {
  std::vector<double> numbers;
  for (const json::Value& number : value.array()) numbers.push_back(number.number());
  return numbers;
}

/// 1-2 and 1-3 pairs of the bonds, both directions.
void exclude_bonded(uff4mof::Terms& terms, const std::vector<double>& bonds) {
  struct Neighbor {
    int atom;
    Shift shift;
  };
  std::vector<std::vector<Neighbor>> neighbors(static_cast<std::size_t>(terms.n_atoms));
  for (std::size_t k = 0; k < bonds.size(); k += 5) {
    const int i = static_cast<int>(bonds[k]);
    const int j = static_cast<int>(bonds[k + 1]);
    const Shift shift{static_cast<int>(bonds[k + 2]), static_cast<int>(bonds[k + 3]), static_cast<int>(bonds[k + 4])};
    neighbors[static_cast<std::size_t>(i)].push_back({j, shift});
    neighbors[static_cast<std::size_t>(j)].push_back({i, {-shift[0], -shift[1], -shift[2]}});
  }
  for (int center = 0; center < terms.n_atoms; ++center) {
    for (const Neighbor& a : neighbors[static_cast<std::size_t>(center)]) {
      terms.exclusions.push_back({center, a.atom, a.shift});
      for (const Neighbor& b : neighbors[static_cast<std::size_t>(center)]) {
        const Shift shift{b.shift[0] - a.shift[0], b.shift[1] - a.shift[1], b.shift[2] - a.shift[2]};
        if (a.atom != b.atom || shift != Shift{}) terms.exclusions.push_back({a.atom, b.atom, shift});
      }
    }
  }
  synthetic::sort_exclusions(terms);
}

charged::Case case_of(const json::Value& listed) {
  charged::Case c;
  const std::vector<double> cell = numbers_of(listed.at("cell_A"));
  for (std::size_t k = 0; k < 9; ++k) c.structure.cell[k / 3][k % 3] = cell[k];
  const std::vector<double> positions = numbers_of(listed.at("positions_A"));
  for (std::size_t k = 0; k < positions.size(); k += 3)
    c.structure.positions.push_back({positions[k], positions[k + 1], positions[k + 2]});
  c.structure.atomic_numbers.assign(c.structure.positions.size(), 1);
  c.charges = numbers_of(listed.at("charges_e"));
  c.terms = charged::no_exclusions(c.structure.n_atoms());
  exclude_bonded(c.terms, numbers_of(listed.at("bonds_i_j_ix_iy_iz")));
  return c;
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double x : values) result = std::max(result, std::abs(x));
  return result;
}

/// Each number to 1e-5 of the largest of its kind: a component that cancels to nearly nothing has no digits of its own.
void check_all_close(const std::vector<double>& ours, const std::vector<double>& theirs, double allowed) {
  CHECK(ours.size() == theirs.size());
  for (std::size_t k = 0; k < theirs.size(); ++k) CHECK_CLOSE(ours[k], theirs[k], allowed * largest(theirs), 0);
}

void compare_with_lammps(Precision precision, bool per_atom, double allowed) {
  const auto context = make_test_context();
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/electrostatics.json");
  const json::Value reference = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  for (const json::Value& result : reference.at("results").array()) {
    const int failures_before = check::failures();
    charged::Case c = case_of(reference.at("structures").at(result.at("structure").text()));
    electrostatics::Options options;
    options.cutoff_A = reference.at("cutoff_A").number();
    options.damping_per_A = reference.at("dsf_damping_per_A").number();
    options.relative_accuracy = 1e-8;
    const bool is_dsf = result.at("style").text() == "dsf";
    options.method = is_dsf ? electrostatics::Method::dsf : electrostatics::Method::ewald;
    const charged::Result ours = charged::evaluate(*context, c, options, precision, per_atom);
    CHECK_CLOSE(ours.energy, result.at("energy_eV").number(), 0, allowed);
    check_all_close(ours.forces, numbers_of(result.at("forces_eV_A")), allowed);
    if (per_atom) check_all_close(ours.energies_per_atom, numbers_of(result.at("energies_per_atom_eV")), allowed);
    std::vector<double> stress = ours.virial;
    const double volume = std::abs(determinant(c.structure.cell[0].data()));
    for (double& x : stress) x /= volume;
    std::vector<double> expected = numbers_of(result.at("stress_eV_A3"));
    if (!is_dsf) {
      // LAMMPS leaves the background out of its stress, although the energy that it reports depends on the volume.
      const double total = std::accumulate(c.charges.begin(), c.charges.end(), 0.0);
      const double alpha = reference.at("splitting_per_A").number();
      const double background = -kCoulombEvA * std::numbers::pi / (2 * alpha * alpha) * total * total / volume;
      for (std::size_t k = 0; k < 9; k += 4) expected[k] -= background / volume;
    }
    check_all_close(stress, expected, allowed);
    if (check::failures() > failures_before) {
      std::printf("  … in %s, %s\n", result.at("structure").text().c_str(), result.at("style").text().c_str());
    }
  }
}

}  // namespace

TEST(charged_frameworks_agree_with_lammps) { compare_with_lammps(Precision::float64, false, kAllowed); }
TEST(energies_per_atom_agree_with_lammps) { compare_with_lammps(Precision::float64, true, kAllowed); }
TEST(charged_frameworks_in_single_precision_stay_within_its_digits) {
  // Some hundred terms of either sign, each good to 6e-8.
  for (const Precision precision : {Precision::mixed, Precision::float32}) compare_with_lammps(precision, true, 5e-5);
}

}  // namespace mofkernel::MOFK_NS
