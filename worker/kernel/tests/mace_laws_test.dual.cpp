// What holds for every model without any reference.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "check.hpp"
#include "device.hpp"
#include "engine/device_engine.hpp"
#include "fixtures.hpp"
#include "geometry/lattice.hpp"
#include "mace_reference.hpp"
#include "potentials/mace/model_cache.hpp"

namespace mofkernel::MOFK_NS {

using mace_reference::Case;
using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

struct System {
  PotentialSpec spec;
  Structure crystal, molecule;
};

System system_of(const std::filesystem::path& folder) {
  System system;
  for (const Case& one : mace_reference::cases(folder)) {
    if (one.name == "triclinic") system.crystal = one.structure;
    if (one.name == "ethanol") system.molecule = one.structure;
    system.spec = mace_reference::spec_of(folder, one.head);
  }
  return system;
}

std::unique_ptr<Engine> make_test_engine(Precision precision = Precision::float64) {
  (void)make_test_context();
  return make_device_engine(0, precision);
}

Evaluation evaluate(Engine& engine, const std::vector<Structure>& structures, const PotentialSpec& spec) {
  return engine.evaluate(structures, spec, {.forces = true, .stress = true, .per_atom = true});
}

Vector times(const Vector& v, const Matrix& m) {
  Vector result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) result[j] += v[i] * m[i][j];
  return result;
}

/// v -> v @ deformation, for atoms and lattice.
Structure deformed(Structure structure, const Matrix& deformation) {
  for (Vector& position : structure.positions) position = times(position, deformation);
  for (Vector& row : structure.cell) row = times(row, deformation);
  return structure;
}

/// About an axis askew, then inverted.
Matrix rotation() {
  const double a = 0.7;
  const double b = -1.1;
  const Matrix about_z{{{std::cos(a), std::sin(a), 0}, {-std::sin(a), std::cos(a), 0}, {0, 0, 1}}};
  const Matrix about_x{{{-1, 0, 0}, {0, -std::cos(b), -std::sin(b)}, {0, std::sin(b), -std::cos(b)}}};
  return {times(about_z[0], about_x), times(about_z[1], about_x), times(about_z[2], about_x)};
}

/// Distances stay as they were, to rounding; so does all that follows from them.
constexpr double kRounding = 1e-10;

TEST(turned_and_mirrored_structures_have_turned_and_mirrored_forces_and_stress) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation before = evaluate(*engine, {system.crystal}, system.spec);
    const Evaluation after = evaluate(*engine, {deformed(system.crystal, rotation())}, system.spec);
    CHECK_CLOSE(after.energies[0], before.energies[0], kRounding, 0);
    for (std::size_t i = 0; i < before.forces.size(); ++i) {
      const Vector expected = times(before.forces[i], rotation());
      for (std::size_t axis = 0; axis < 3; ++axis)
        CHECK_CLOSE(after.forces[i][axis], expected[axis], kRounding, kRounding);
    }
    Matrix half{};
    for (std::size_t row = 0; row < 3; ++row) {
      const double* const s = before.stress[0].data() + 3 * row;
      half[row] = times({s[0], s[1], s[2]}, rotation());
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        double expected = 0;
        for (std::size_t k = 0; k < 3; ++k) expected += rotation()[k][i] * half[k][j];
        CHECK_CLOSE(after.stress[0][3 * i + j], expected, kRounding, kRounding);
      }
    }
  }
}

TEST(atoms_moved_together_into_other_cells_and_renumbered_change_nothing) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation before = evaluate(*engine, {system.crystal}, system.spec);
    Structure other = system.crystal;
    const std::size_t n = other.positions.size();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t from = (i + 2) % n;
      other.atomic_numbers[i] = system.crystal.atomic_numbers[from];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double wrap = other.cell[0][axis] - static_cast<double>(i) * other.cell[2][axis];
        other.positions[i][axis] = system.crystal.positions[from][axis] + 0.37 + wrap;
      }
    }
    const Evaluation after = evaluate(*engine, {other}, system.spec);
    CHECK_CLOSE(after.energies[0], before.energies[0], kRounding, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t axis = 0; axis < 3; ++axis)
        CHECK_CLOSE(after.forces[i][axis], before.forces[(i + 2) % n][axis], kRounding, kRounding);
  }
}

TEST(a_supercell_has_the_energy_of_its_cells_and_their_forces_and_stress) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation one = evaluate(*engine, {system.crystal}, system.spec);
    const Evaluation eight = evaluate(*engine, {fixtures::repeat(system.crystal, 2, 2, 2)}, system.spec);
    CHECK_CLOSE(eight.energies[0], 8 * one.energies[0], 8 * kRounding, 0);
    for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(eight.stress[0][k], one.stress[0][k], kRounding, 0);
    double of_one = 0;
    double of_eight = 0;
    for (const Vector& f : one.forces) of_one += f[0] * f[0] + f[1] * f[1] + f[2] * f[2];
    for (const Vector& f : eight.forces) of_eight += f[0] * f[0] + f[1] * f[1] + f[2] * f[2];
    CHECK_CLOSE(of_eight, 8 * of_one, 0, kRounding);
  }
}

TEST(structures_of_a_batch_get_the_bits_that_they_get_alone) {
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    const auto engine = make_test_engine(precision);
    for (const auto& folder : mace_reference::models()) {
      const System system = system_of(folder);
      const Evaluation both = evaluate(*engine, {system.molecule, system.crystal}, system.spec);
      const Evaluation first = evaluate(*engine, {system.molecule}, system.spec);
      const Evaluation second = evaluate(*engine, {system.crystal}, system.spec);
      CHECK(both.energies[0] == first.energies[0] && both.energies[1] == second.energies[0]);
      CHECK(std::equal(first.forces.begin(), first.forces.end(), both.forces.begin()));
      CHECK(std::equal(second.forces.rbegin(), second.forces.rend(), both.forces.rbegin()));
      CHECK(both.stress[1] == second.stress[0]);
    }
  }
}

TEST(energies_add_up_and_forces_balance) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation result = evaluate(*engine, {system.molecule}, system.spec);
    const auto sum = [](const std::vector<double>& values) {
      return std::accumulate(values.begin(), values.end(), 0.0);
    };
    CHECK_CLOSE(sum(result.energies_per_atom), result.energies[0], kRounding, 0);
    CHECK_CLOSE(sum(result.energy_components), result.energies[0], kRounding, 0);
    Vector force{};
    Vector torque{};
    for (std::size_t i = 0; i < result.forces.size(); ++i) {
      const Vector& x = system.molecule.positions[i];
      const Vector& f = result.forces[i];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        force[axis] += f[axis];
        torque[axis] += x[(axis + 1) % 3] * f[(axis + 2) % 3] - x[(axis + 2) % 3] * f[(axis + 1) % 3];
      }
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      CHECK_CLOSE(force[axis], 0, kRounding, 0);
      CHECK_CLOSE(torque[axis], 0, kRounding, 0);
    }
  }
}

TEST(forces_are_minus_the_gradient_of_the_energy) {
  const auto engine = make_test_engine();
  constexpr double kStep_A = 1e-4;
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation result = evaluate(*engine, {system.crystal}, system.spec);
    for (std::size_t k = 0; k < 3 * system.crystal.positions.size(); ++k) {
      std::vector<Structure> both{system.crystal, system.crystal};
      both[0].positions[k / 3][k % 3] += kStep_A;
      both[1].positions[k / 3][k % 3] -= kStep_A;
      const Evaluation moved = engine->evaluate(both, system.spec, {.forces = false, .stress = false});
      // The error of a central difference: some third derivative times the step squared.
      CHECK_CLOSE(result.forces[k / 3][k % 3], -(moved.energies[0] - moved.energies[1]) / (2 * kStep_A), 5e-6, 1e-6);
    }
  }
}

TEST(stress_is_the_derivative_by_strain) {
  const auto engine = make_test_engine();
  constexpr double kStep = 1e-5;
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const Evaluation result = evaluate(*engine, {system.crystal}, system.spec);
    const double volume = std::abs(determinant(system.crystal.cell.front().data()));
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const auto strained = [&](double strain) {
          Matrix deformation{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          deformation[i][j] += strain / 2;
          deformation[j][i] += strain / 2;
          return deformed(system.crystal, deformation);
        };
        const Evaluation both = engine->evaluate(std::vector<Structure>{strained(kStep), strained(-kStep)}, system.spec,
                                                 {.forces = false, .stress = false});
        CHECK_CLOSE(result.stress[0][3 * i + j], (both.energies[0] - both.energies[1]) / (2 * kStep * volume), 1e-7, 0);
        CHECK_CLOSE(result.stress[0][3 * i + j], result.stress[0][3 * j + i], 0, 0);
      }
    }
  }
}

TEST(copies_beyond_everything_have_twice_the_energy) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    Structure two = system.molecule;
    for (std::size_t i = 0; i < system.molecule.positions.size(); ++i) {
      const Vector& x = system.molecule.positions[i];
      two.positions.push_back({x[0] + 100, x[1] - 50, x[2]});
      two.atomic_numbers.push_back(system.molecule.atomic_numbers[i]);
    }
    const double alone = evaluate(*engine, {system.molecule}, system.spec).energies[0];
    CHECK_CLOSE(evaluate(*engine, {two}, system.spec).energies[0], 2 * alone, kRounding, 0);
  }
}

TEST(an_atom_passes_the_cutoff_without_a_step) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const System system = system_of(folder);
    const double r_max = mofkernel::mace::load_model(folder)->r_max_A;
    const auto at = [&](double r) {
      Structure dimer;
      dimer.pbc = {false, false, false};
      dimer.atomic_numbers = {8, 6};
      dimer.positions = {{0, 0, 0}, {r / 3, 2 * r / 3, 2 * r / 3}};
      return evaluate(*engine, {dimer}, system.spec);
    };
    const Evaluation inside = at(r_max - 1e-5);
    const Evaluation outside = at(r_max + 1e-5);
    CHECK_CLOSE(inside.energies[0], outside.energies[0], 1e-12, 0);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      CHECK_CLOSE(inside.forces[0][axis], 0, 1e-8, 0);
      CHECK(outside.forces[0][axis] == 0);
    }
  }
}

TEST(blocks_without_a_residual_leave_an_isolated_atom_at_its_energy) {
  const auto engine = make_test_engine();
  for (const auto& folder : mace_reference::models()) {
    const auto model = mofkernel::mace::load_model(folder);
    const mofkernel::mace::Block first = model->layers.front().block;
    if (first != mofkernel::mace::Block::agnostic && first != mofkernel::mace::Block::density) continue;
    const System system = system_of(folder);
    const auto head = static_cast<std::size_t>(mofkernel::mace::choose_head(*model, system.spec.mace->head));
    for (std::size_t z = 0; z < model->atomic_numbers.size(); ++z) {
      Structure atom;
      atom.pbc = {false, false, false};
      atom.atomic_numbers = {model->atomic_numbers[z]};
      atom.positions = {{1, 2, 3}};
      const Evaluation result = evaluate(*engine, {atom}, system.spec);
      const double e0 = model->atomic_energies.values[head * model->atomic_numbers.size() + z];
      CHECK_CLOSE(result.energies[0], e0 + model->shift.values[head], 1e-12, 0);
      CHECK(result.forces[0] == (Vector{0, 0, 0}));
    }
  }
}

TEST(an_element_that_the_model_does_not_know_is_refused) {
  const auto engine = make_test_engine();
  Structure zinc;
  zinc.pbc = {false, false, false};
  zinc.atomic_numbers = {6, 30};
  zinc.positions = {{0, 0, 0}, {2, 0, 0}};
  const auto folder = mace_reference::models().front();
  CHECK_THROWS_CODE(evaluate(*engine, {zinc}, system_of(folder).spec), ErrorCode::unsupported);
}

TEST(a_head_that_there_is_not_is_refused) {
  const auto engine = make_test_engine();
  System system = system_of(mace_reference::models().front());
  system.spec.mace->head = "no such head";
  CHECK_THROWS_CODE(evaluate(*engine, {system.crystal}, system.spec), ErrorCode::bad_request);
}

}  // namespace mofkernel::MOFK_NS
