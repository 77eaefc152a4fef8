// Molecular dynamics against programs that we did not write: ASE (NVE, Nose-Hoover chains, MTK) and LAMMPS (NVE and
// canonical averages of a framework).
#include <fstream>
#include <iterator>
#include <map>

#include "dynamics/atomic_masses.hpp"
#include "dynamics_systems.hpp"
#include "protocol/json.hpp"
#include "reference.hpp"

namespace mofkernel::MOFK_NS {

json::Value read_reference(const std::string& name) {
  std::ifstream file(std::string(MOFK_TEST_REFERENCE_DIR "/") + name);
  return json::parse(std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

std::vector<double> numbers_of(const json::Value& value) {
  std::vector<double> numbers;
  for (const json::Value& number : value.array()) numbers.push_back(number.number());
  return numbers;
}

std::vector<std::array<double, 3>> rows_of(const json::Value& value) {
  const std::vector<double> numbers = numbers_of(value);
  std::vector<std::array<double, 3>> rows;
  for (std::size_t k = 0; k < numbers.size(); k += 3) rows.push_back({numbers[k], numbers[k + 1], numbers[k + 2]});
  return rows;
}

double largest_difference(const std::vector<std::array<double, 3>>& a, const std::vector<std::array<double, 3>>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    for (std::size_t k = 0; k < 3; ++k) largest = std::max(largest, std::abs(a[i][k] - b[i][k]));
  }
  return largest;
}

const MdSample& sample_at(const std::vector<MdSample>& samples, std::int64_t step) {
  for (const MdSample& sample : samples) {
    if (sample.step == step) return sample;
  }
  throw KernelError(ErrorCode::internal, "no sample of this step");
}

Ensemble ensemble_of(const std::string& name) {
  static const std::map<std::string, Ensemble> kByName{{"nve", Ensemble::nve},
                                                       {"nvt_nose_hoover", Ensemble::nvt_nose_hoover},
                                                       {"npt_isotropic", Ensemble::npt_isotropic},
                                                       {"npt_full", Ensemble::npt_full}};
  return kByName.at(name);
}

TEST(trajectories_are_those_of_ase) {
  const json::Value reference = read_reference("dynamics_ase.json");
  Structure crystal;
  const std::vector<double> cell = numbers_of(reference.at("cell_A"));
  for (std::size_t k = 0; k < 9; ++k) crystal.cell[k / 3][k % 3] = cell[k];
  crystal.positions = rows_of(reference.at("positions_A"));
  crystal.atomic_numbers.assign(crystal.positions.size(), 18);
  const json::Value& potential = reference.at("potential");
  MdOptions options;
  options.timestep_fs = reference.at("timestep_fs").number();
  options.temperatures_k = {reference.at("temperature_k").number()};
  options.pressures_eV_A3 = {reference.at("pressure_eV_A3").number()};
  options.thermostat_time_fs = reference.at("thermostat_time_fs").number();
  options.barostat_time_fs = reference.at("barostat_time_fs").number();
  options.velocities = rows_of(reference.at("velocities_A_fs"));
  options.masses.assign(crystal.positions.size(), reference.at("mass_amu").number());
  options.frame_interval = 1;
  for (const json::Value& trajectory : reference.at("trajectories").array()) {
    options.ensemble = ensemble_of(trajectory.at("ensemble").text());
    options.n_steps = trajectory.at("frames").array().back().at("step").integer();
    MdBench bench({crystal},
                  {make_lennard_jones(crystal.n_atoms(), potential.at("epsilon_eV").number(),
                                      potential.at("x_A").number(), potential.at("cutoff_A").number(), true)});
    CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
    double largest = 0;
    for (const json::Value& frame : trajectory.at("frames").array()) {
      const MdSample& sample = sample_at(bench.samples, frame.at("step").integer());
      const double difference = largest_difference(sample.positions, rows_of(frame.at("positions_A")));
      largest = std::max(largest, difference);
      // Rounding differs (1e-16 relative); over 250 steps it grows to less than 1e-10 A.
      CHECK(difference < 1e-9);
      CHECK(largest_difference(sample.velocities, rows_of(frame.at("velocities_A_fs"))) < 1e-11);
      const std::vector<double> their_cell = numbers_of(frame.at("cell_A"));
      for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(sample.cell[k / 3][k % 3], their_cell[k], 1e-9, 0);
      CHECK_CLOSE(sample.potential_energy_eV, frame.at("potential_energy_eV").number(), 1e-9, 0);
      CHECK_CLOSE(sample.kinetic_energy_eV, frame.at("kinetic_energy_eV").number(), 1e-9, 0);
      CHECK_CLOSE(sample.conserved_energy_eV, frame.at("conserved_energy_eV").number(), 1e-9, 0);
      CHECK_CLOSE(*sample.pressure_eV_A3, frame.at("pressure_eV_A3").number(), 1e-11, 0);
    }
    std::printf("  %s: within %.1e A of ASE\n", trajectory.at("ensemble").text().c_str(), largest);
  }
}

TEST(masses_are_the_standard_atomic_weights) {
  const json::Value reference = read_reference("dynamics_ase.json");
  const auto& masses = reference.at("atomic_masses_amu").object();
  CHECK(masses.size() == 103);
  for (std::size_t z = 1; z <= masses.size(); ++z) {
    // Elements without stable isotopes have a mass number instead of a weight; tables choose differently.
    const bool has_weight = z < 84 && z != 43 && z != 61;
    CHECK_CLOSE(standard_atomic_mass(static_cast<int>(z)), masses[z - 1].value.number(), 0, has_weight ? 6e-4 : 0.04);
  }
}

struct Framework {
  Structure structure;
  uff4mof::Terms terms;
  MdOptions options;
};

/// As LAMMPS had it: a plain cutoff, the tail in energy and pressure.
Framework read_framework(const json::Value& ours) {
  const json::Value file = reference::read(ours.at("structure").text());
  const json::Value& block = file.at("supercell");
  Framework framework;
  framework.structure = reference::structure(block, "perturbed");
  framework.terms = reference::terms(block, reference::Mixing::arithmetic, true, reference::Impropers::as_listed);
  framework.options.masses = numbers_of(ours.at("masses_amu"));
  return framework;
}

TEST(a_thousand_steps_of_a_framework_stay_on_those_of_lammps) {
  const json::Value reference = read_reference("dynamics_lammps.json");
  Framework framework = read_framework(reference);
  const json::Value& run = reference.at("constant_energy");
  MdOptions& options = framework.options;
  options.ensemble = Ensemble::nve;
  options.timestep_fs = run.at("timestep_fs").number();
  options.velocities = rows_of(run.at("velocities_A_fs"));
  options.n_steps = 1000;
  options.sample_interval = options.frame_interval = 100;
  MdBench bench({framework.structure}, {framework.terms});
  CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
  for (const json::Value& frame : run.at("frames").array()) {
    const MdSample& sample = sample_at(bench.samples, frame.at("step").integer());
    const double difference = largest_difference(sample.positions, rows_of(frame.at("positions_A")));
    std::printf("  step %lld: within %.1e A of LAMMPS\n", static_cast<long long>(sample.step), difference);
    // The units differ in the tenth digit (LAMMPS has 48.88821291 A/fs for a root of kcal/mol per gram), which chaos
    // multiplies by some hundreds in 0.5 ps.
    CHECK(difference < 1e-6);
    CHECK_CLOSE(sample.potential_energy_eV, frame.at("potential_energy_eV").number(), 1e-6, 0);
    CHECK_CLOSE(sample.kinetic_energy_eV, frame.at("kinetic_energy_eV").number(), 1e-6, 0);
  }
}

TEST(canonical_averages_of_a_framework_are_those_of_lammps) {
  const json::Value reference = read_reference("dynamics_lammps.json");
  Framework framework = read_framework(reference);
  const json::Value& theirs = reference.at("canonical");
  MdOptions& options = framework.options;
  options.ensemble = Ensemble::nvt_langevin;
  options.timestep_fs = 1;  // the configurations of BAOAB hardly depend on it
  options.temperatures_k = {theirs.at("temperature_k").number()};
  options.friction_per_fs = 0.005;  // damps the framework's soft modes, so that blocks of 1 ps are independent
  options.seed = 5;
  options.n_steps = 10000;
  options.sample_interval = 10;
  MdBench bench({framework.structure}, {framework.terms});
  CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
  std::vector<double> energies, pressures;
  for (const MdSample& sample : bench.samples) {
    if (sample.step <= 3000) continue;  // the displaced start has far too much energy
    energies.push_back(sample.potential_energy_eV);
    pressures.push_back(*sample.pressure_eV_A3);
  }
  const auto compare = [&theirs](const char* name, const Average& ours) {
    const double mean = theirs.at(name).number();
    const double error = theirs.at(std::string(name) + "_error").number();
    std::printf("  %s %.4e(%.1e), LAMMPS %.4e(%.1e)\n", name, ours.mean, ours.error, mean, error);
    // Three standard errors of the difference: wrong by chance once in 370.
    CHECK_CLOSE(ours.mean, mean, 3 * std::hypot(ours.error, error), 0);
  };
  compare("potential_energy_eV", average_of(energies));
  compare("pressure_eV_A3", average_of(pressures));
}

}  // namespace mofkernel::MOFK_NS
