// What must hold for any terms: forces and stress are the derivatives of the energy, and the energy does not depend on
// how a crystal is written down.
#include <algorithm>
#include <numbers>

#include "check.hpp"
#include "device.hpp"
#include "potentials/potential.hpp"
#include "potentials/uff4mof/tail.hpp"
#include "synthetic.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using synthetic::Case, synthetic::Matrix, synthetic::Vector;

struct Result {
  double energy = 0;
  std::vector<double> components, forces, virial, energies_per_atom;
};

constexpr int kComponents = 5;

std::vector<Result> evaluate_batch(const Context& context, const std::vector<Structure>& structures,
                                   const std::vector<uff4mof::Terms>& terms, Precision precision, bool per_atom) {
  const Batch batch = make_batch(context, structures);
  const auto potential = make_uff4mof(context, terms, precision);
  DeviceEvaluation out(context, batch, kComponents);
  evaluate_confirmed(*potential, batch, {.forces = true, .stress = true, .per_atom = per_atom}, out);
  const auto energies = out.energies.to_host();
  const auto components = out.energy_components.to_host();
  const auto forces = out.forces.to_host();
  const auto virials = out.virials.to_host();
  const auto energies_per_atom = out.energies_per_atom.to_host();
  std::vector<Result> results;
  std::ptrdiff_t first = 0;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const auto at = static_cast<std::ptrdiff_t>(s);
    const std::ptrdiff_t last = first + structures[s].n_atoms();
    results.push_back({energies[s],
                       {components.begin() + kComponents * at, components.begin() + kComponents * (at + 1)},
                       {forces.begin() + 3 * first, forces.begin() + 3 * last},
                       {virials.begin() + 9 * at, virials.begin() + 9 * (at + 1)},
                       {energies_per_atom.begin() + first, energies_per_atom.begin() + last}});
    first = last;
  }
  return results;
}

Result evaluate(const Context& context, const Case& c, Precision precision = Precision::float64,
                bool per_atom = false) {
  return evaluate_batch(context, {c.structure}, {c.terms}, precision, per_atom)[0];
}

/// First derivative by the five-point rule: the error is of fourth order in h.
template <class F>
double derivative(F f, double h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/// h = 1e-3 A leaves 1e-12 of truncation and about 1e-12 of rounding; 1e-8 absolute is for components that are nearly
/// zero.
void check_derivatives(const Context& context, const Case& c) {
  const Result analytic = evaluate(context, c);
  for (std::size_t k = 0; k < analytic.forces.size(); ++k) {
    const double slope = derivative(
        [&](double h) {
          Case moved = c;
          moved.structure.positions[k / 3][k % 3] += h;
          return evaluate(context, moved).energy;
        },
        1e-3);
    CHECK_CLOSE(analytic.forces[k], -slope, 1e-8, 1e-6);
  }
  for (std::size_t k = 0; k < 9; ++k) {
    const double slope = derivative(
        [&](double h) {
          // The energy sees the symmetric part of a strain only.
          Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          strain[k / 3][k % 3] += h / 2;
          strain[k % 3][k / 3] += h / 2;
          return evaluate(context, {synthetic::transformed(c.structure, strain), c.terms}).energy;
        },
        3e-4);
    CHECK_CLOSE(analytic.virial[k], slope, 1e-7, 1e-6);
  }
}

Case only(Case c, bool bonds, bool angles, bool torsions, bool inversions, bool pairs) {
  if (!bonds) c.terms.bonds.clear();
  if (!angles) c.terms.angles.clear();
  if (!torsions) c.terms.torsions.clear();
  if (!inversions) c.terms.inversions.clear();
  if (!pairs) std::fill(c.terms.lj_epsilon_eV.begin(), c.terms.lj_epsilon_eV.end(), 0.0);
  return c;
}

Matrix rotation(double angle, double second_angle) {
  const double c = std::cos(angle), s = std::sin(angle), d = std::cos(second_angle), t = std::sin(second_angle);
  return {{{c, s, 0}, {-s * d, c * d, t}, {s * t, -c * t, d}}};
}

/// Rounding of sums of some thousand numbers of size 1.
constexpr double kRounding = 1e-11;

}  // namespace

TEST(bond_forces_and_stress_match_energy) {
  check_derivatives(*make_test_context(), only(synthetic::every_kind_of_term(), true, false, false, false, false));
}
TEST(angle_forces_and_stress_match_energy) {
  check_derivatives(*make_test_context(), only(synthetic::every_kind_of_term(), false, true, false, false, false));
}
TEST(torsion_forces_and_stress_match_energy) {
  check_derivatives(*make_test_context(), only(synthetic::every_kind_of_term(), false, false, true, false, false));
}
TEST(inversion_forces_and_stress_match_energy) {
  check_derivatives(*make_test_context(), only(synthetic::every_kind_of_term(), false, false, false, true, false));
}
TEST(pair_forces_and_stress_match_energy) {
  check_derivatives(*make_test_context(), only(synthetic::every_kind_of_term(), false, false, false, false, true));
}
TEST(forces_and_stress_match_energy) {
  const auto context = make_test_context();
  for (const unsigned seed : {1U, 2U, 3U}) check_derivatives(*context, synthetic::every_kind_of_term(seed));
}

TEST(forces_of_an_isolated_molecule_match_energy) {
  const auto context = make_test_context();
  Case c = only(synthetic::every_kind_of_term(), false, false, false, false, true);
  c.terms.exclusions.clear();
  c.structure.pbc = {false, false, false};
  const Result analytic = evaluate(*context, c);
  for (std::size_t k = 0; k < analytic.forces.size(); ++k) {
    const double slope = derivative(
        [&](double h) {
          Case moved = c;
          moved.structure.positions[k / 3][k % 3] += h;
          return evaluate(*context, moved).energy;
        },
        1e-3);
    CHECK_CLOSE(analytic.forces[k], -slope, 1e-8, 1e-6);
  }
}

TEST(energy_components_and_energies_per_atom_sum_to_the_energy) {
  const auto context = make_test_context();
  const Result result = evaluate(*context, synthetic::every_kind_of_term(), Precision::float64, true);
  double sum = 0;
  for (const double e : result.energies_per_atom) sum += e;
  CHECK_CLOSE(sum, result.energy, kRounding, 0);
  sum = 0;
  for (const double e : result.components) {
    CHECK(e != 0.0);
    sum += e;
  }
  CHECK_CLOSE(sum, result.energy, kRounding, 0);
}

TEST(energies_per_atom_change_nothing_else) {
  const auto context = make_test_context();
  const Case c = synthetic::every_kind_of_term();
  const Result with = evaluate(*context, c, Precision::float64, true);
  const Result without = evaluate(*context, c);
  CHECK_CLOSE(with.energy, without.energy, kRounding, 0);
  for (std::size_t k = 0; k < with.forces.size(); ++k) CHECK_CLOSE(with.forces[k], without.forces[k], kRounding, 0);
  for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(with.virial[k], without.virial[k], 10 * kRounding, 0);
}

TEST(energy_is_invariant_under_rotation_and_forces_turn_with_it) {
  const auto context = make_test_context();
  Case c = synthetic::every_kind_of_term();
  const Result before = evaluate(*context, c);
  const Matrix turn = rotation(0.7, 1.9);
  c.structure = synthetic::transformed(c.structure, turn);
  const Result after = evaluate(*context, c);
  CHECK_CLOSE(after.energy, before.energy, kRounding, 0);
  for (std::size_t i = 0; i < before.forces.size() / 3; ++i) {
    const Vector turned =
        synthetic::times({before.forces[3 * i], before.forces[3 * i + 1], before.forces[3 * i + 2]}, turn);
    for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(after.forces[3 * i + a], turned[a], kRounding, 0);
  }
}

TEST(energy_is_invariant_under_translation) {
  const auto context = make_test_context();
  Case c = synthetic::every_kind_of_term();
  const Result before = evaluate(*context, c);
  for (auto& x : c.structure.positions) x = {x[0] + 3.21, x[1] - 17.3, x[2] + 0.4};
  const Result after = evaluate(*context, c);
  CHECK_CLOSE(after.energy, before.energy, kRounding, 0);
  for (std::size_t k = 0; k < before.forces.size(); ++k) CHECK_CLOSE(after.forces[k], before.forces[k], kRounding, 0);
}

TEST(energy_is_invariant_under_permutation) {
  const auto context = make_test_context();
  const Case c = synthetic::every_kind_of_term();
  const std::vector<int> order{7, 2, 11, 0, 5, 9, 1, 3, 10, 4, 8, 6};
  const Result before = evaluate(*context, c, Precision::float64, true);
  const Result after = evaluate(*context, synthetic::permuted(c, order), Precision::float64, true);
  CHECK_CLOSE(after.energy, before.energy, kRounding, 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto to = static_cast<std::size_t>(order[i]);
    CHECK_CLOSE(after.energies_per_atom[to], before.energies_per_atom[i], kRounding, 0);
    for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(after.forces[3 * to + a], before.forces[3 * i + a], kRounding, 0);
  }
}

TEST(atoms_far_outside_the_cell_are_where_they_are) {
  const auto context = make_test_context();
  const Case c = synthetic::every_kind_of_term();
  std::vector<Shift> moves;
  for (int i = 0; i < 12; ++i) moves.push_back({(i * 5) % 7 - 3, i % 3 - 1, 40 * ((i * 3) % 5 - 2)});
  const Result before = evaluate(*context, c);
  const Result after = evaluate(*context, synthetic::moved_by_lattice_vectors(c, moves));
  CHECK_CLOSE(after.energy, before.energy, 100 * kRounding,
              0);  // coordinates of 500 A have fewer digits behind the point
  for (std::size_t k = 0; k < before.forces.size(); ++k)
    CHECK_CLOSE(after.forces[k], before.forces[k], 100 * kRounding, 0);
}

TEST(supercell_has_the_energy_of_its_cells) {
  const auto context = make_test_context();
  const Case c = synthetic::every_kind_of_term();
  const Result one = evaluate(*context, c);
  for (const std::array<int, 3>& repeats : {std::array{2, 1, 1}, std::array{1, 2, 3}, std::array{3, 3, 3}}) {
    const Case large = synthetic::supercell(c, repeats);
    const Result many = evaluate(*context, large);
    const int n = repeats[0] * repeats[1] * repeats[2];
    CHECK_CLOSE(many.energy, n * one.energy, n * kRounding, 0);
    for (std::size_t k = 0; k < many.forces.size(); ++k) {
      CHECK_CLOSE(many.forces[k], one.forces[k % one.forces.size()], kRounding, 0);
    }
    for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(many.virial[k], n * one.virial[k], n * 10 * kRounding, 0);
  }
}

TEST(another_cell_of_the_same_lattice_has_the_same_energy) {
  const auto context = make_test_context();
  Case c = synthetic::every_kind_of_term();
  c.terms = synthetic::pair_part(c.terms);
  const Result before = evaluate(*context, c);
  // b + 7 a and c - 9 b + 4 a: the same lattice, described by a cell with angles of a few degrees.
  for (std::size_t k = 0; k < 3; ++k) {
    c.structure.cell[2][k] += 4 * c.structure.cell[0][k] - 9 * c.structure.cell[1][k];
    c.structure.cell[1][k] += 7 * c.structure.cell[0][k];
  }
  const Result after = evaluate(*context, c);
  CHECK_CLOSE(after.energy, before.energy, kRounding, 0);
  for (std::size_t k = 0; k < before.forces.size(); ++k) CHECK_CLOSE(after.forces[k], before.forces[k], kRounding, 0);
}

TEST(batch_gives_what_its_structures_give_alone) {
  const auto context = make_test_context();
  const Case first = synthetic::every_kind_of_term(1);
  const Case second = synthetic::supercell(synthetic::every_kind_of_term(2), {3, 1, 2});
  const Case third{synthetic::random_structure(1, {{{9, 0, 0}, {1, 8, 0}, {0, 2, 10}}}, 1.0, 5),
                   synthetic::lennard_jones_terms(1, 8.0)};
  const auto together = evaluate_batch(*context, {first.structure, second.structure, third.structure},
                                       {first.terms, second.terms, third.terms}, Precision::float64, true);
  std::size_t at = 0;
  for (const Case& c : {first, second, third}) {
    const Result alone = evaluate(*context, c, Precision::float64, true);
    CHECK_CLOSE(together[at].energy, alone.energy, kRounding, 0);
    for (std::size_t k = 0; k < alone.forces.size(); ++k)
      CHECK_CLOSE(together[at].forces[k], alone.forces[k], kRounding, 0);
    for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(together[at].virial[k], alone.virial[k], 10 * kRounding, 0);
    for (std::size_t i = 0; i < alone.energies_per_atom.size(); ++i) {
      CHECK_CLOSE(together[at].energies_per_atom[i], alone.energies_per_atom[i], kRounding, 0);
    }
    ++at;
  }
}

TEST(same_input_gives_the_same_bits) {
  const auto context = make_test_context();
  const Case c = synthetic::supercell(synthetic::every_kind_of_term(), {3, 3, 3});
  for (const Precision precision : {Precision::float64, Precision::float32, Precision::mixed}) {
    const Result one = evaluate(*context, c, precision);
    const Result two = evaluate(*context, c, precision);
    CHECK(one.energy == two.energy && one.forces == two.forces && one.virial == two.virial);
  }
}

TEST(single_precision_stays_close_to_double) {
  const auto context = make_test_context();
  const Case c = synthetic::supercell(synthetic::every_kind_of_term(), {3, 3, 3});
  const Result exact = evaluate(*context, c, Precision::float64, true);
  double largest = 0;
  for (const double f : exact.forces) largest = std::max(largest, std::abs(f));
  for (const Precision precision : {Precision::float32, Precision::mixed}) {
    // Coordinates of 20 A carry 1e-6 A in single precision and forces change by up to 13/r per A: 1e-5 with a margin
    // of 5.
    const Result rounded = evaluate(*context, c, precision, true);
    CHECK_CLOSE(rounded.energy, exact.energy, 1e-4, 2e-6);
    for (std::size_t k = 0; k < exact.forces.size(); ++k)
      CHECK_CLOSE(rounded.forces[k], exact.forces[k], 5e-5 * largest, 0);
    for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(rounded.virial[k], exact.virial[k], 5e-3, 2e-5);
  }
}

TEST(lennard_jones_dimer_is_analytic) {
  const auto context = make_test_context();
  const double x = 3.1, epsilon = 0.02;
  for (const double r : {x, x / std::pow(2.0, 1.0 / 6.0), 2.5, 4.0, 6.9}) {
    Case c{{}, synthetic::lennard_jones_terms(2, 7.0)};
    c.terms.lj_type = {0, 0};
    c.terms.truncation = uff4mof::Truncation::plain;
    c.structure.pbc = {false, false, false};
    c.structure.positions = {{1, 2, 3}, {1 + r, 2, 3}};
    c.structure.atomic_numbers = {6, 6};
    const double s6 = std::pow(x / r, 6);
    const Result result = evaluate(*context, c);
    CHECK_CLOSE(result.energy, epsilon * (s6 * s6 - 2 * s6), 1e-15, 1e-13);
    CHECK_CLOSE(result.forces[0], -12 * epsilon / r * (s6 * s6 - s6), 1e-15, 1e-13);
    CHECK_CLOSE(result.forces[3], -result.forces[0], 0, 0);
    c.structure.positions[1][0] = 1 + 7.0001;
    CHECK(evaluate(*context, c).energy == 0.0);
  }
}

TEST(switch_ends_the_energy_without_a_jump) {
  const auto context = make_test_context();
  Case c{{}, synthetic::lennard_jones_terms(2, 7.0)};
  c.structure.pbc = {false, false, false};
  c.structure.positions = {{0, 0, 0}, {6.999, 0, 0}};
  c.structure.atomic_numbers = {6, 6};
  // Near the end the factor is 10 u^3 with u = 0.001/1.4; the plain energy there is 1.2e-4 eV. So the energy is 4e-13
  // eV and the force 1.2e-4 * 30 u^2 / 1.4 = 1.3e-9 eV/A.
  const Result result = evaluate(*context, c);
  CHECK(std::abs(result.energy) < 1e-12);
  CHECK(std::abs(result.forces[0]) < 2e-9);
}

TEST(tail_is_the_integral_of_what_the_cutoff_removed) {
  const double epsilon = 0.01, x = 3.4, start = 10.0, cutoff = 12.5;
  const auto energy = [&](double r) { return epsilon * (std::pow(x / r, 12) - 2 * std::pow(x / r, 6)); };
  // Simpson's rule with 2e4 intervals over the switch, error below 1e-15; beyond it the integral is elementary.
  const int n = 20000;
  double sum = 0;
  for (int k = 0; k <= n; ++k) {
    const double r = start + (cutoff - start) * k / n;
    const double t = (r - start) / (cutoff - start);
    const double removed = 10 * std::pow(t, 3) - 15 * std::pow(t, 4) + 6 * std::pow(t, 5);
    sum += (k == 0 || k == n ? 1 : k % 2 == 1 ? 4 : 2) * removed * energy(r) * r * r;
  }
  const double inside = sum * (cutoff - start) / n / 3;
  const double beyond =
      epsilon * (std::pow(x, 12) / (9 * std::pow(cutoff, 9)) - 2 * std::pow(x, 6) / (3 * std::pow(cutoff, 3)));
  const auto switched = uff4mof::compute_pair_tail(epsilon, x, uff4mof::Truncation::switched, start, cutoff);
  CHECK_CLOSE(switched.energy, 2 * std::numbers::pi * (inside + beyond), 0, 1e-12);
  const auto plain = uff4mof::compute_pair_tail(epsilon, x, uff4mof::Truncation::plain, cutoff, cutoff);
  CHECK_CLOSE(plain.energy, 2 * std::numbers::pi * beyond, 0, 1e-14);
}

TEST(atoms_in_line_have_finite_forces) {
  const auto context = make_test_context();
  Case c{{}, synthetic::lennard_jones_terms(4, 7.0)};
  c.structure.pbc = {false, false, false};
  c.structure.positions = {{0, 0, 0}, {1.5, 0, 0}, {3, 0, 0}, {4.5, 0, 0}};
  c.structure.atomic_numbers = {6, 6, 6, 6};
  const Shift home{0, 0, 0};
  c.terms.angles.push_back({0, 1, 2, home, home, {1, 1, 0, 0, 0}});
  c.terms.torsions.push_back({0, 1, 2, 3, home, home, home, {1, 0, -1, 0, 0, 0, 0}});
  c.terms.inversions.push_back({1, 0, 2, 3, home, home, home, 1, 1, -1, 0});
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    const Result result = evaluate(*context, c, precision);
    CHECK(std::isfinite(result.energy));
    for (const double f : result.forces) CHECK(std::isfinite(f));
  }
}

TEST(structures_of_a_batch_must_share_their_cutoff) {
  const auto context = make_test_context();
  const std::vector<uff4mof::Terms> terms{synthetic::lennard_jones_terms(1, 8.0),
                                          synthetic::lennard_jones_terms(1, 9.0)};
  CHECK_THROWS_CODE(make_uff4mof(*context, terms, Precision::float64), ErrorCode::bad_request);
}

}  // namespace mofkernel::MOFK_NS
