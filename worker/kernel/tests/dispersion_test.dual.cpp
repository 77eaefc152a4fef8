// What must hold for any structure: forces and virial as derivatives of the energy, energies that do not depend on the
// other structures of a batch or on how a crystal is written, and refusals by name.
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "dispersed.hpp"
#include "potentials/dispersion/functionals.hpp"
#include "synthetic.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using dispersed::check_same, dispersed::evaluate, dispersed::Options, dispersed::Result, dispersed::Tolerance;

/// Rounding of sums over some thousand pairs.
constexpr Tolerance kRounding{1e-12, 1e-12};

/// Elements with one to five references in a triclinic cell much thinner than the cutoff.
Structure random_crystal(unsigned seed = 1) {
  Structure structure =
      synthetic::random_structure(8, {{{5.1, 0.3, -0.2}, {1.9, 5.4, 0.4}, {-0.7, 1.2, 5.9}}}, 1.7, seed);
  structure.atomic_numbers = {1, 2, 6, 6, 8, 29, 57, 30};
  return structure;
}

Structure methanol() {
  Structure structure;
  structure.pbc = {false, false, false};
  structure.positions = {{-0.05, 0.67, 0},    {-0.05, -0.76, 0.02}, {-1.09, 0.98, 0.01},
                         {0.88, -1.07, 0.05}, {0.44, 1.07, 0.89},   {0.43, 1.08, -0.89}};
  structure.atomic_numbers = {6, 8, 1, 1, 1, 1};
  return structure;
}

/// First derivative by the five-point rule: the error is of fourth order in h.
template <class F>
double derivative(F f, double h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/// h = 1e-3 leaves some 1e-10 of truncation. A pair that crosses a cutoff makes a step, hence no pair near one in the
/// structures below.
void check_derivatives(const Structure& structure, const Options& options) {
  const auto context = make_test_context();
  const Result analytic = evaluate(*context, structure, options);
  const auto energy = [&](const Structure& changed) { return evaluate(*context, changed, options).energy; };
  for (std::size_t k = 0; k < analytic.forces.size(); ++k) {
    const double slope = derivative(
        [&](double h) {
          Structure moved = structure;
          moved.positions[k / 3][k % 3] += h;
          return energy(moved);
        },
        1e-3);
    CHECK_CLOSE(analytic.forces[k], -slope, 1e-8, 1e-7);
  }
  for (std::size_t k = 0; k < 9; ++k) {
    const double slope = derivative(
        [&](double h) {
          synthetic::Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          strain[k / 3][k % 3] += h / 2;
          strain[k % 3][k / 3] += h / 2;
          return energy(synthetic::transformed(structure, strain));
        },
        3e-4);
    CHECK_CLOSE(analytic.virial[k], slope, 1e-8, 1e-7);
  }
}

/// Two atoms in a cubic cell; no pair of them is between 5.8 and 6.9 A apart.
Structure sparse_crystal() {
  Structure structure;
  structure.cell = {{{7.0, 0, 0}, {0, 7.0, 0}, {0, 0, 7.0}}};
  structure.positions = {{0, 0, 0}, {1.3, 0, 0}};
  structure.atomic_numbers = {6, 8};
  return structure;
}
constexpr double kGap_A = 6.5;

std::vector<int> shuffled(int n) {
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(9);
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

Structure moved_by_lattice_vectors(const Structure& structure) {
  Structure out = structure;
  for (int i = 0; i < structure.n_atoms(); ++i)
    out.positions[static_cast<std::size_t>(i)] = synthetic::image(structure, i, {i % 3 - 1, 2 * (i % 2), -(i % 4)});
  return out;
}

Structure doubled(const Structure& structure, std::size_t axis) {
  Structure out = structure;
  for (int i = 0; i < structure.n_atoms(); ++i) {
    Shift shift{};
    shift[axis] = 1;
    out.positions.push_back(synthetic::image(structure, i, shift));
    out.atomic_numbers.push_back(structure.atomic_numbers[static_cast<std::size_t>(i)]);
  }
  for (double& x : out.cell[axis]) x *= 2;
  return out;
}

}  // namespace

TEST(forces_and_virial_match_energy_of_a_molecule) { check_derivatives(methanol(), {}); }
TEST(forces_and_virial_match_energy_of_a_crystal) { check_derivatives(sparse_crystal(), {"pbe", kGap_A, kGap_A}); }
TEST(forces_match_energy_with_two_cutoffs) { check_derivatives(sparse_crystal(), {"revpbe", kGap_A, 2.5}); }

TEST(energies_per_atom_add_up) {
  const auto context = make_test_context();
  const Result result = evaluate(*context, random_crystal(), {});
  const double sum = std::accumulate(result.energies_per_atom.begin(), result.energies_per_atom.end(), 0.0);
  CHECK_CLOSE(result.energy, sum, 1e-12, 0);
}

TEST(forces_add_up_to_zero) {
  const auto context = make_test_context();
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    const Result result = evaluate(*context, random_crystal(), {}, precision);
    for (std::size_t a = 0; a < 3; ++a) {
      double sum = 0;
      for (std::size_t k = a; k < result.forces.size(); k += 3) sum += result.forces[k];
      CHECK_CLOSE(sum, 0, precision == Precision::float64 ? 1e-12 : 2e-6, 0);
    }
  }
}

TEST(a_structure_in_a_batch_is_as_alone) {
  const auto context = make_test_context();
  Structure layer = random_crystal(3);
  layer.pbc = {true, true, false};
  Structure chain = random_crystal(4);
  chain.pbc = {false, false, true};
  const std::vector<Structure> structures{random_crystal(), methanol(), layer, sparse_crystal(), chain};
  const auto together = dispersed::evaluate_all(*context, structures, {});
  for (std::size_t s = 0; s < structures.size(); ++s)
    check_same(together[s], evaluate(*context, structures[s], {}), kRounding);
}

TEST(order_of_the_atoms_does_not_matter) {
  const auto context = make_test_context();
  const Structure structure = random_crystal();
  const std::vector<int> order = shuffled(structure.n_atoms());
  Structure permuted = structure;
  for (std::size_t i = 0; i < order.size(); ++i) {
    permuted.positions[i] = structure.positions[static_cast<std::size_t>(order[i])];
    permuted.atomic_numbers[i] = structure.atomic_numbers[static_cast<std::size_t>(order[i])];
  }
  const Result result = evaluate(*context, structure, {});
  Result expected = result;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto from = static_cast<std::size_t>(order[i]);
    expected.energies_per_atom[i] = result.energies_per_atom[from];
    for (std::size_t a = 0; a < 3; ++a) expected.forces[3 * i + a] = result.forces[3 * from + a];
  }
  check_same(evaluate(*context, permuted, {}), expected, kRounding);
}

TEST(atoms_outside_their_cell_are_as_inside) {
  const auto context = make_test_context();
  check_same(evaluate(*context, moved_by_lattice_vectors(random_crystal()), {}),
             evaluate(*context, random_crystal(), {}), kRounding);
}

TEST(a_supercell_is_its_cell_repeated) {
  const auto context = make_test_context();
  const Result one = evaluate(*context, random_crystal(), {});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Result two = evaluate(*context, doubled(random_crystal(), axis), {});
    CHECK_CLOSE(two.energy, 2 * one.energy, 1e-11, 0);
    for (std::size_t k = 0; k < two.forces.size(); ++k)
      CHECK_CLOSE(two.forces[k], one.forces[k % one.forces.size()], 1e-12, 0);
  }
}

TEST(rotation_turns_forces_and_virial) {
  const auto context = make_test_context();
  const synthetic::Matrix rotation{{{0.36, 0.48, -0.8}, {-0.8, 0.6, 0}, {0.48, 0.64, 0.6}}};
  const Result result = evaluate(*context, random_crystal(), {});
  Result expected = result;
  for (std::size_t i = 0; i < result.energies_per_atom.size(); ++i) {
    const synthetic::Vector f =
        synthetic::times({result.forces[3 * i], result.forces[3 * i + 1], result.forces[3 * i + 2]}, rotation);
    for (std::size_t a = 0; a < 3; ++a) expected.forces[3 * i + a] = f[a];
  }
  for (std::size_t k = 0; k < 9; ++k) {
    expected.virial[k] = 0;
    for (std::size_t m = 0; m < 9; ++m)
      expected.virial[k] += rotation[m / 3][k / 3] * result.virial[m] * rotation[m % 3][k % 3];
  }
  check_same(evaluate(*context, synthetic::transformed(random_crystal(), rotation), {}), expected, {1e-11, 1e-11});
}

TEST(a_molecule_in_a_wide_cell_is_as_alone) {
  const auto context = make_test_context();
  Structure boxed = methanol();
  boxed.pbc = {true, true, true};
  boxed.cell = {{{50, 0, 0}, {0, 50, 0}, {0, 0, 50}}};
  check_same(evaluate(*context, boxed, {}), evaluate(*context, methanol(), {}), kRounding);
}

TEST(a_lone_atom_has_no_dispersion) {
  const auto context = make_test_context();
  Structure atom;
  atom.pbc = {false, false, false};
  atom.positions = {{1, 2, 3}};
  atom.atomic_numbers = {18};
  const Result result = evaluate(*context, atom, {});
  CHECK(result.energy == 0);
  for (const double f : result.forces) CHECK(f == 0);
}

TEST(far_from_every_reference_an_atom_is_like_the_nearest) {
  // A proton among sixteen carbon atoms 1.1 A away: all of its Gaussians are smaller than any double.
  const auto context = make_test_context();
  Structure structure;
  structure.pbc = {false, false, false};
  structure.positions = {{0, 0, 0}};
  structure.atomic_numbers = {1};
  for (int k = 0; k < 16; ++k) {
    const double z = (k + 0.5) / 8 - 1;
    const double turn = 2.399963229728653 * k;
    const double flat = std::sqrt(1 - z * z);
    structure.positions.push_back({1.1 * flat * std::cos(turn), 1.1 * flat * std::sin(turn), 1.1 * z});
    structure.atomic_numbers.push_back(6);
  }
  const Result result = evaluate(*context, structure, {});
  CHECK(std::isfinite(result.energy) && result.energy < 0);
  for (const double f : result.forces) CHECK(std::isfinite(f));
}

TEST(moved_atoms_and_cells_are_evaluated_where_they_are) {
  const auto context = make_test_context();
  const Structure structure = random_crystal();
  Structure moved = synthetic::transformed(structure, {{{1.02, 0.01, 0}, {0, 0.97, 0}, {0.02, 0, 1.05}}});
  for (std::size_t i = 0; i < moved.positions.size(); ++i) moved.positions[i][i % 3] += 0.4;
  Batch batch = make_batch(*context, std::span(&structure, 1));
  const auto potential = make_dispersion(*context, std::span(&structure, 1), {}, Precision::float64);
  DeviceEvaluation out(*context, batch, 1);
  evaluate_confirmed(*potential, batch, {}, out);
  const Batch target = make_batch(*context, std::span(&moved, 1));
  batch.positions.copy_from(target.positions);
  batch.cells.copy_from(target.cells);
  evaluate_confirmed(*potential, batch, {}, out);
  const Result expected = evaluate(*context, moved, {});
  CHECK_CLOSE(out.energies.to_host()[0], expected.energy, 1e-12, 0);
  for (std::size_t k = 0; k < expected.forces.size(); ++k)
    CHECK_CLOSE(out.forces.to_host()[k], expected.forces[k], 1e-12, 0);
}

TEST(an_evaluation_is_the_same_bits_each_time) {
  const auto context = make_test_context();
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    const Result one = evaluate(*context, random_crystal(), {}, precision);
    const Result other = evaluate(*context, random_crystal(), {}, precision);
    CHECK(one.energy == other.energy && one.forces == other.forces && one.virial == other.virial);
  }
}

TEST(atoms_on_top_of_each_other_are_not_finite) {
  const auto context = make_test_context();
  Structure structure = methanol();
  structure.positions[2] = structure.positions[3];
  for (const Precision precision : {Precision::float64, Precision::float32})
    CHECK(!std::isfinite(evaluate(*context, structure, {}, precision).forces[6]));
}

TEST(unusable_input_is_refused_by_name) {
  const auto context = make_test_context();
  Structure americium = methanol();
  americium.atomic_numbers[0] = 95;
  CHECK_THROWS_CODE(evaluate(*context, americium, {}), ErrorCode::unsupported);
  CHECK_THROWS_CODE(evaluate(*context, methanol(), {.functional = "nonsense"}), ErrorCode::unsupported);
  Structure flat = random_crystal();
  flat.cell[2] = flat.cell[1];
  CHECK_THROWS_CODE(evaluate(*context, flat, {}), ErrorCode::bad_structure);
  try {
    dispersion::build_model(std::span(&americium, 1), {});
  } catch (const KernelError& error) {
    CHECK(std::string(error.what()).find("Am (element 95)") != std::string::npos);
  }
}

TEST(a_position_that_is_no_number_is_refused) {
  const auto context = make_test_context();
  const Structure structure = random_crystal();
  Batch batch = make_batch(*context, std::span(&structure, 1));
  const auto potential = make_dispersion(*context, std::span(&structure, 1), {}, Precision::float64);
  DeviceEvaluation out(*context, batch, 1);
  std::vector<double> positions = batch.positions.to_host();
  positions[7] = std::nan("");
  batch.positions.upload(positions);
  CHECK_THROWS_CODE(evaluate_confirmed(*potential, batch, {}, out), ErrorCode::non_finite);
}

TEST(a_functional_may_be_written_as_in_papers) {
  CHECK(dispersion::find_damping("CAM-B3LYP").a2_bohr == dispersion::find_damping("camb3lyp").a2_bohr);
}

}  // namespace mofkernel::MOFK_NS
