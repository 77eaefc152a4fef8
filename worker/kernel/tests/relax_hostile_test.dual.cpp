// Starts that no relaxation should ever be given: atoms half an angstrom apart, cells squeezed and stretched.
#include <cmath>

#include "geometry/lattice.hpp"
#include "potentials/uff4mof/terms.hpp"
#include "relax_system.hpp"

namespace mofkernel::MOFK_NS {

Structure scaled(Structure structure, double factor) {
  for (auto& row : structure.cell) {
    for (double& x : row) x *= factor;
  }
  for (auto& position : structure.positions) {
    for (double& x : position) x *= factor;
  }
  return structure;
}

/// Atom `i` put half an angstrom from atom `j`, in a direction of no symmetry.
Structure overlapping(Structure structure, std::size_t i, std::size_t j) {
  const std::array<double, 3> direction{0.48, -0.6, 0.64};
  for (std::size_t a = 0; a < 3; ++a) structure.positions[i][a] = structure.positions[j][a] + 0.5 * direction[a];
  return structure;
}

std::vector<Structure> hostile_starts(const Structure& structure) {
  const std::size_t last = structure.positions.size() - 1;
  return {overlapping(overlapping(structure, 0, last), 2, 1), scaled(structure, 0.6), scaled(structure, 1.4),
          structure};
}

bool is_all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double x) { return std::isfinite(x); });
}

/// What holds for every end, whatever the start. Returns how many converged.
int check_ends(System& system, const RelaxOptions& options, std::vector<double> start_energies,
               const std::vector<RelaxOutcome>& outcomes) {
  const std::vector<double> energies = system.evaluation.energies.to_host();
  const std::vector<double> cells = system.batch.cells.to_host();
  CHECK(is_all_finite(energies) && is_all_finite(cells));
  CHECK(is_all_finite(system.batch.positions.to_host()) && is_all_finite(system.evaluation.forces.to_host()));
  int n_converged = 0;
  for (std::size_t s = 0; s < outcomes.size(); ++s) {
    const RelaxOutcome& outcome = outcomes[s];
    const bool has_converged = outcome.end_state == RelaxEndState::converged;
    CHECK(outcome.steps <= options.max_steps);
    // Rounding of an energy of 1e9 eV.
    CHECK(energies[s] <= start_energies[s] + 1e-6 * std::abs(start_energies[s]) + 1e-3);
    CHECK(!has_converged ||
          std::max(outcome.max_force_eV_A, outcome.max_cell_force_eV_A.value_or(0)) < options.fmax_eV_A);
    CHECK(std::abs(determinant(cells.data() + 9 * s)) > 1);
    n_converged += has_converged ? 1 : 0;
  }
  return n_converged;
}

std::vector<double> energies_of(System& system) {
  evaluate_confirmed(*system.potential, system.batch, {}, system.evaluation);
  return system.evaluation.energies.to_host();
}

TEST(hostile_starts_of_a_crystal_end_well) {
  const json::Value reference = read_reference();
  int n_converged = 0;
  int n_runs = 0;
  for (const Optimizer optimizer : kAllOptimizers) {
    for (const CellMode mode : kAllCellModes) {
      System system(hostile_starts(crystal_of(reference)), reference.at("potential"));
      const std::vector<double> start_energies = energies_of(system);
      const RelaxOptions options{.optimizer = optimizer, .fmax_eV_A = 0.01, .max_steps = 500, .cell_mode = mode};
      const auto outcomes = system.relax(options, kNoReport, {}, system.potential_of_crystals(reference));
      n_converged += check_ends(system, options, start_energies, outcomes);
      n_runs += static_cast<int>(outcomes.size());
      // The good structure is not harmed by its company.
      CHECK(outcomes.back().end_state == RelaxEndState::converged);
    }
  }
  // The squeezed crystal in its fixed cell has curvatures of 1e4 eV/A^2, too stiff for MDMin's time step.
  CHECK(n_converged >= n_runs - 1);
}

Structure mof5() {
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/phonopy_force_constants.json");
  const json::Value all = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  const json::Value& mof = all.at("MOF-5_primitive");
  Structure structure;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::vector<double> row = numbers_of(mof.at("cell_A").at(a));
    std::ranges::copy(row, structure.cell[a].begin());
  }
  for (const json::Value& value : mof.at("positions_A").array()) {
    const std::vector<double> position = numbers_of(value);
    structure.positions.push_back({position[0], position[1], position[2]});
  }
  for (const double z : numbers_of(mof.at("atomic_numbers"))) structure.atomic_numbers.push_back(static_cast<int>(z));
  return structure;
}

TEST(hostile_starts_of_a_framework_end_finite) {
  const json::Value reference = read_reference();
  const Structure framework = mof5();
  // Bonds are those of the good structure, or the hostile ones would be molecules of another kind; the short cutoff
  // saves time.
  const uff4mof::Terms terms = uff4mof::assign_terms(framework, {.cutoff_A = 8});
  const std::vector<Structure> starts = hostile_starts(framework);
  for (const Optimizer optimizer : kAllOptimizers) {
    for (const CellMode mode : kAllCellModes) {
      System system(starts, reference.at("potential"));
      system.potential =
          make_uff4mof(*system.context, std::vector<uff4mof::Terms>(starts.size(), terms), Precision::float64);
      system.evaluation =
          DeviceEvaluation(*system.context, system.batch, static_cast<int>(system.potential->component_names().size()));
      const std::vector<double> start_energies = energies_of(system);
      const RelaxOptions options{.optimizer = optimizer, .fmax_eV_A = 0.1, .max_steps = 20, .cell_mode = mode};
      const auto outcomes = system.relax(options);
      (void)check_ends(system, options, start_energies, outcomes);
      CHECK(outcomes.back().end_state == RelaxEndState::converged && outcomes.back().steps == 0);
    }
  }
}

}  // namespace mofkernel::MOFK_NS
