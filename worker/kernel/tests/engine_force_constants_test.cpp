// Finite-difference force constants: their laws, their interruptions, and phonopy.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>

#include "check.hpp"
#include "engine/engine.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "protocol/json.hpp"

namespace mofkernel {

using Matrix = std::vector<double>;  ///< [n][n] row-major

ForceConstantOptions every_displacement(const Structure& structure) {
  ForceConstantOptions options;
  for (int i = 0; i < structure.n_atoms(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      options.atoms.push_back(i);
      // Only the direction counts.
      std::array<double, 3> direction{};
      direction[axis] = 7;
      options.directions.push_back(direction);
    }
  }
  return options;
}

ForceConstants compute(
    const Structure& structure, std::optional<std::size_t> limit = {}, const RunControl& control = {},
    const std::function<void(int)>& on_progress = [](int) {}) {
  const auto engine = make_engine("cpu", Precision::float64);
  engine->set_memory_limit(limit);
  return engine->force_constants(structure, {}, every_displacement(structure), control, on_progress);
}

/// Quartz away from its symmetry, so that no row is zero by accident.
Structure rattled_quartz() {
  Structure structure = fixtures::quartz();
  for (std::size_t i = 0; i < structure.positions.size(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      structure.positions[i][axis] += 0.04 * std::sin(static_cast<double>(3 * i + axis));
  }
  return structure;
}

TEST(rows_are_central_differences_of_evaluated_forces) {
  const Structure rest = rattled_quartz();
  const ForceConstants result = compute(rest);
  CHECK(result.n_finished == 27 && result.rows.size() == 27 * 27 && result.stop == StopReason::none);
  const auto engine = make_engine("cpu", Precision::float64);
  const PotentialSpec shared{.uff4mof = {}, .electrostatics = {}, .share_topology = true};
  for (std::size_t row = 0; row < 27; ++row) {
    std::vector<Structure> copies(3, rest);
    copies[1].positions[row / 3][row % 3] += 0.01;
    copies[2].positions[row / 3][row % 3] -= 0.01;
    const Evaluation evaluation = engine->evaluate(copies, shared, {});
    for (std::size_t k = 0; k < 27; ++k) {
      const double plus = evaluation.forces[9 + k / 3][k % 3];
      const double minus = evaluation.forces[18 + k / 3][k % 3];
      // The order of the sums may differ: 1e-15 of forces of 10 eV/A, divided by 0.02 A.
      CHECK_CLOSE(result.rows[27 * row + k], -(plus - minus) / 0.02, 1e-11, 1e-12);
      if (row == 0) CHECK_CLOSE(result.forces[k / 3][k % 3], evaluation.forces[k / 3][k % 3], 1e-12, 0);
    }
  }
}

TEST(a_displacement_pulls_no_net_force_and_the_matrix_is_symmetric) {
  const ForceConstants result = compute(rattled_quartz());
  for (std::size_t row = 0; row < 27; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double net = 0;
      double all_moved = 0;
      for (std::size_t i = 0; i < 9; ++i) {
        net += result.rows[27 * row + 3 * i + axis];
        all_moved += result.rows[27 * (3 * i + axis) + row];
      }
      // Newton's third law holds for every evaluation; 27 forces of 10 eV/A rounded to 1e-15, over 0.02 A.
      CHECK_CLOSE(net, 0, 1e-10, 0);
      // Moving all atoms together changes nothing, up to the third derivative: d^2 / 6 of some 1e3 eV/A^4.
      CHECK_CLOSE(all_moved, 0, 0.2, 0);
    }
    for (std::size_t k = 0; k < 27; ++k) CHECK_CLOSE(result.rows[27 * row + k], result.rows[27 * k + row], 0.1, 5e-3);
  }
}

TEST(rows_do_not_depend_on_how_many_fit_at_once) {
  const Structure structure = rattled_quartz();
  std::vector<int> progress;
  const ForceConstants whole = compute(structure);
  const ForceConstants split = compute(structure, 1'000'000, {}, [&](int n) { progress.push_back(n); });
  CHECK(progress.size() > 1 && progress.back() == 27 && std::is_sorted(progress.begin(), progress.end()));
  CHECK(whole.rows == split.rows);
  CHECK_THROWS_CODE(compute(structure, 1000), ErrorCode::out_of_memory);
}

TEST(a_stopped_run_goes_on_from_its_checkpoint_with_the_same_bits) {
  const Structure structure = rattled_quartz();
  const auto path = std::filesystem::temp_directory_path() / "mofkernel_force_constants_test.checkpoint";
  std::filesystem::remove(path);
  const ForceConstants whole = compute(structure);
  constexpr std::size_t kLimit = 1'000'000;

  int n_asked = 0;
  RunControl stopping{.is_cancelled = [&] { return ++n_asked > 3; }};
  stopping.checkpoint = {.path = path, .interval_steps = 1, .interval_seconds = 0, .resume = true};
  const ForceConstants first = compute(structure, kLimit, stopping);
  CHECK(first.stop == StopReason::cancelled && first.n_finished > 0 && first.n_finished < 27);
  CHECK(first.rows.size() == static_cast<std::size_t>(first.n_finished) * 27);

  RunControl late{.deadline = std::chrono::steady_clock::now()};
  late.checkpoint = stopping.checkpoint;
  const ForceConstants second = compute(structure, kLimit, late);
  CHECK(second.stop == StopReason::deadline && second.n_finished == first.n_finished);

  RunControl resumed;
  resumed.checkpoint = stopping.checkpoint;
  const ForceConstants third = compute(structure, std::nullopt, resumed);
  CHECK(third.stop == StopReason::none && third.rows == whole.rows);

  Structure other = structure;
  other.positions[3][1] += 1e-9;
  CHECK_THROWS_CODE(compute(other, std::nullopt, resumed), ErrorCode::bad_checkpoint);
  other = structure;
  other.cell[2][2] += 1e-9;
  CHECK_THROWS_CODE(compute(other, std::nullopt, resumed), ErrorCode::bad_checkpoint);
  std::ofstream(path) << "no checkpoint";
  CHECK_THROWS_CODE(compute(structure, std::nullopt, resumed), ErrorCode::bad_checkpoint);
  std::filesystem::remove(path);
}

TEST(single_precision_warns) {
  const auto engine = make_engine("cpu", Precision::float32);
  const ForceConstants result =
      engine->force_constants(fixtures::quartz(), {}, {.atoms = {0}, .directions = {{0, 0, 1}}}, {}, [](int) {});
  CHECK(result.warnings.size() == 1 && result.n_finished == 1);
}

// --- phonopy

json::Value phonopy_reference() {
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/phonopy_force_constants.json");
  return json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
}

Structure structure_of(const json::Value& block) {
  Structure structure;
  const auto vector_of = [](const json::Value& row) {
    return std::array<double, 3>{row.at(0).number(), row.at(1).number(), row.at(2).number()};
  };
  for (std::size_t k = 0; k < 3; ++k) structure.cell[k] = vector_of(block.at("cell_A").at(k));
  for (const json::Value& row : block.at("positions_A").array()) structure.positions.push_back(vector_of(row));
  for (const json::Value& z : block.at("atomic_numbers").array())
    structure.atomic_numbers.push_back(static_cast<int>(z.integer()));
  return structure;
}

/// Eigenvalues of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, section 8.5).
std::vector<double> eigenvalues(Matrix a, std::size_t n) {
  for (int sweep = 0; sweep < 30; ++sweep) {
    double off_diagonal = 0;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) off_diagonal = std::max(off_diagonal, std::abs(a[n * p + q]));
    }
    if (off_diagonal < 1e-12) break;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (std::abs(a[n * p + q]) < 1e-14) continue;
        const double theta = (a[n * q + q] - a[n * p + p]) / (2 * a[n * p + q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = a[n * k + p];
          a[n * k + p] = c * kp - s * a[n * k + q];
          a[n * k + q] = s * kp + c * a[n * k + q];
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = a[n * p + k];
          a[n * p + k] = c * pk - s * a[n * q + k];
          a[n * q + k] = s * pk + c * a[n * q + k];
        }
      }
    }
  }
  std::vector<double> values;
  for (std::size_t k = 0; k < n; ++k) values.push_back(a[n * k + k]);
  std::sort(values.begin(), values.end());
  return values;
}

/// Frequencies at the zone center, THz; imaginary ones negative.
std::vector<double> gamma_frequencies(const ForceConstants& constants, const std::vector<double>& masses) {
  // sqrt(eV/(A^2 amu)) / 2 pi: CODATA 2022.
  const double unit_THz = std::sqrt(1.602176634e-19 / 1e-20 / 1.66053906892e-27) / (2 * std::numbers::pi) * 1e-12;
  const std::size_t n = 3 * masses.size();
  Matrix dynamical(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double mean = (constants.rows[n * i + j] + constants.rows[n * j + i]) / 2;
      dynamical[n * i + j] = mean / std::sqrt(masses[i / 3] * masses[j / 3]);
    }
  }
  std::vector<double> frequencies = eigenvalues(dynamical, n);
  for (double& value : frequencies) value = (value < 0 ? -1 : 1) * std::sqrt(std::abs(value)) * unit_THz;
  return frequencies;
}

void check_frequencies(const json::Value& block, const ForceConstants& constants) {
  std::vector<double> masses;
  for (const json::Value& mass : block.at("masses_amu").array()) masses.push_back(mass.number());
  const std::vector<double> ours = gamma_frequencies(constants, masses);
  const json::Array& theirs = block.at("gamma_frequencies_THz").array();
  CHECK(ours.size() == theirs.size());
  for (std::size_t k = 0; k < ours.size(); ++k) {
    // Squares, because they are linear in the force constants. phonopy displaces along other directions where symmetry
    // spares it some, and both carry the fourth derivative of the energy times d^2 / 6: some 0.02 eV/A^2.
    const auto squared = [](double f) { return std::abs(f) * f; };
    CHECK_CLOSE(squared(ours[k]), squared(theirs[k].number()), 0.05, 1e-3);
  }
}

TEST(quartz_has_the_force_constants_of_phonopy) {
  const json::Value block = phonopy_reference().at("quartz");
  const ForceConstants constants = compute(structure_of(block));
  const json::Value& expected = block.at("force_constants_eV_A2");
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 9; ++j) {
      for (std::size_t k = 0; k < 9; ++k) {
        // As for the frequencies; the largest entries are 60 eV/A^2.
        CHECK_CLOSE(constants.rows[27 * (3 * i + k / 3) + 3 * j + k % 3],
                    expected.at(i).at(j).at(k / 3).at(k % 3).number(), 5e-3, 1e-3);
      }
    }
  }
  check_frequencies(block, constants);
}

TEST(mof_5_vibrates_as_phonopy_says) {
  const json::Value block = phonopy_reference().at("MOF-5_primitive");
  check_frequencies(block, compute(structure_of(block)));
}

}  // namespace mofkernel
