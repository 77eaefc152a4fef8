// What must hold for any charges: lattice sums that are known exactly, forces and virial as derivatives of the energy,
// and energies that do not depend on the splitting, on the other structures of a batch or on how a crystal is written.
#include "charged.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/coulomb_model.hpp"
#include "units.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using charged::Case, charged::Result, charged::evaluate;
using electrostatics::Method, electrostatics::Options;

/// The sums are then exact but for rounding: the estimates are of the mean error, hence two digits below the checks.
Options exact_ewald(double cutoff_A = 8.0) { return {.cutoff_A = cutoff_A, .relative_accuracy = 1e-11}; }

Options dsf(double cutoff_A = 8.0) { return {.method = Method::dsf, .cutoff_A = cutoff_A}; }

/// Ions at fractional places of a cube.
Case crystal(double edge_A, const std::vector<std::array<double, 3>>& cations,
             const std::vector<std::array<double, 3>>& anions) {
  Case c;
  for (std::size_t a = 0; a < 3; ++a) c.structure.cell[a][a] = edge_A;
  const auto add = [&](const std::array<double, 3>& f, int atomic_number, double charge) {
    c.structure.positions.push_back({f[0] * edge_A, f[1] * edge_A, f[2] * edge_A});
    c.structure.atomic_numbers.push_back(atomic_number);
    c.charges.push_back(charge);
  };
  for (const auto& f : cations) add(f, 11, 1.0);
  for (const auto& f : anions) add(f, 17, -1.0);
  c.terms = charged::no_exclusions(c.structure.n_atoms());
  return c;
}

const std::vector<std::array<double, 3>> kFaceCentered{{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};

std::vector<std::array<double, 3>> shifted(std::vector<std::array<double, 3>> places, double by) {
  for (auto& f : places) {
    for (double& x : f) x += by;
  }
  return places;
}

/// Energy per ion pair times -(nearest distance) over Coulomb's constant.
double madelung(const Case& c, double nearest_A) {
  const auto context = make_test_context();
  const Result result = evaluate(*context, c, exact_ewald(), Precision::float64, false);
  return -result.energy / (0.5 * c.structure.n_atoms()) * nearest_A / kCoulombEvA;
}

/// First derivative by the five-point rule: the error is of fourth order in h.
template <class F>
double derivative(F f, double h) {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/// h = 1e-3 A leaves 1e-11 of truncation and of rounding each; the cell's derivative sees the k-vectors' switch as
/// well.
void check_derivatives(const Options& options) {
  const auto context = make_test_context();
  const Case c = charged::random_case();
  for (const bool per_atom : {false, true}) {
    const Result analytic = evaluate(*context, c, options, Precision::float64, per_atom);
    const auto energy = [&](const Case& changed) {
      return evaluate(*context, changed, options, Precision::float64, per_atom).energy;
    };
    for (std::size_t k = 0; k < analytic.forces.size(); ++k) {
      const double slope = derivative(
          [&](double h) {
            Case moved = c;
            moved.structure.positions[k / 3][k % 3] += h;
            return energy(moved);
          },
          1e-3);
      CHECK_CLOSE(analytic.forces[k], -slope, 1e-7, 1e-6);
    }
    for (std::size_t k = 0; k < 9; ++k) {
      const double slope = derivative(
          [&](double h) {
            synthetic::Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
            strain[k / 3][k % 3] += h / 2;
            strain[k % 3][k / 3] += h / 2;
            return energy({synthetic::transformed(c.structure, strain), c.terms, c.charges});
          },
          3e-4);
      CHECK_CLOSE(analytic.virial[k], slope, 1e-6, 1e-6);
    }
  }
}

void check_same(const Result& a, const Result& b, double tolerance) {
  CHECK_CLOSE(a.energy, b.energy, tolerance, 0);
  for (std::size_t k = 0; k < b.forces.size(); ++k) CHECK_CLOSE(a.forces[k], b.forces[k], tolerance, 0);
  for (std::size_t k = 0; k < b.virial.size(); ++k) CHECK_CLOSE(a.virial[k], b.virial[k], tolerance, 0);
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum;
}

}  // namespace

// Madelung constants: Crandall and Buhler, J. Phys. A 20, 5497 (1987); Sakamoto, J. Chem. Phys. 28, 164 (1958).
TEST(rock_salt_has_its_madelung_constant) {
  const Case c = crystal(5.64, kFaceCentered, shifted(kFaceCentered, 0.5));
  CHECK_CLOSE(madelung(c, 5.64 / 2), 1.7475645946331822, 0, 1e-9);
}
TEST(cesium_chloride_has_its_madelung_constant) {
  const Case c = crystal(4.12, {{0, 0, 0}}, {{0.5, 0.5, 0.5}});
  CHECK_CLOSE(madelung(c, 4.12 * std::sqrt(0.75)), 1.7626747730709884, 0, 1e-9);
}
TEST(zinc_blende_has_its_madelung_constant) {
  const Case c = crystal(5.41, kFaceCentered, shifted(kFaceCentered, 0.25));
  CHECK_CLOSE(madelung(c, 5.41 * std::sqrt(3.0) / 4), 1.6380550533887894, 0, 1e-9);
}

// A pair or a wave that crosses a cutoff makes a step of the size of the sum's error, which the difference must not
// see.
TEST(ewald_forces_and_virial_match_energy) { check_derivatives(exact_ewald()); }
TEST(dsf_forces_and_virial_match_energy) { check_derivatives(dsf()); }

TEST(result_is_independent_of_the_splitting) {
  const auto context = make_test_context();
  const Case c = charged::random_case();
  const Result wide = evaluate(*context, c, exact_ewald(11.0));
  for (const double cutoff_A : {4.0, 6.0, 8.5}) check_same(evaluate(*context, c, exact_ewald(cutoff_A)), wide, 1e-8);
}

TEST(error_of_the_forces_is_what_was_asked_for) {
  const auto context = make_test_context();
  const Case c = charged::random_case(4);
  const Result exact = evaluate(*context, c, exact_ewald());
  for (const double accuracy : {1e-3, 1e-4, 1e-5, 1e-6}) {
    const Result result = evaluate(*context, c, {.cutoff_A = 8.0, .relative_accuracy = accuracy});
    double squares = 0;
    for (std::size_t k = 0; k < exact.forces.size(); ++k) {
      const double error = result.forces[k] - exact.forces[k];
      squares += error * error;
    }
    // The estimate is for charges without order and is kept by both sums: twice it is the most that it promises.
    const double error = std::sqrt(squares / static_cast<double>(c.charges.size()));
    CHECK(error < 2 * accuracy * kCoulombEvA);
    CHECK(error > 1e-4 * accuracy * kCoulombEvA);
  }
}

TEST(energies_per_atom_add_up) {
  const auto context = make_test_context();
  for (const Options& options : {exact_ewald(), dsf()}) {
    const Result result = evaluate(*context, charged::random_case(), options);
    CHECK_CLOSE(sum_of(result.energies_per_atom), result.energy, 0, 1e-12);
  }
}

TEST(tuned_loops_give_what_the_plain_twin_gives) {
  const auto context = make_test_context();
  for (const Options& options : {Options{.cutoff_A = 8.0}, exact_ewald(), dsf()}) {
    for (unsigned seed = 1; seed < 4; ++seed) {
      const Case c = charged::random_case(seed);
      const Result plain = evaluate(*context, c, options, Precision::float64, true);
      check_same(evaluate(*context, c, options, Precision::float64, false), plain, 1e-9);
    }
  }
}

TEST(structures_of_a_batch_do_not_see_each_other) {
  const auto context = make_test_context();
  std::vector<Case> cases{charged::random_case(1), crystal(4.12, {{0, 0, 0}}, {{0.5, 0.5, 0.5}}),
                          charged::random_case(2), crystal(5.64, kFaceCentered, shifted(kFaceCentered, 0.5))};
  for (const Options& options : {Options{.cutoff_A = 7.0}, dsf()}) {
    for (const bool per_atom : {false, true}) {
      const auto together = charged::evaluate_all(*context, cases, options, Precision::float64, per_atom);
      for (std::size_t s = 0; s < cases.size(); ++s)
        check_same(evaluate(*context, cases[s], options, Precision::float64, per_atom), together[s], 1e-11);
    }
  }
}

TEST(a_crystal_written_down_otherwise_has_the_same_energy) {
  const auto context = make_test_context();
  const synthetic::Case base = synthetic::every_kind_of_term();
  Case c = charged::random_case();
  const Result expected = evaluate(*context, c, exact_ewald());

  const synthetic::Case doubled = synthetic::supercell(base, {2, 1, 1});
  Case twice{doubled.structure, doubled.terms, c.charges};
  twice.charges.insert(twice.charges.end(), c.charges.begin(), c.charges.end());
  CHECK_CLOSE(evaluate(*context, twice, exact_ewald(), Precision::float64, false).energy, 2 * expected.energy, 1e-8, 0);

  std::vector<Shift> moves;
  for (int i = 0; i < c.structure.n_atoms(); ++i) moves.push_back({i % 3 - 1, 2 - i % 5, i % 2});
  const synthetic::Case moved = synthetic::moved_by_lattice_vectors(base, moves);
  check_same(evaluate(*context, {moved.structure, moved.terms, c.charges}, exact_ewald()), expected, 1e-9);
}

TEST(a_cell_that_changes_a_lot_gets_new_k_vectors) {
  const auto context = make_test_context();
  const Case c = charged::random_case();
  const Options options{.cutoff_A = 8.0, .relative_accuracy = 1e-9};
  const EvaluateWant want{.forces = true, .stress = true, .per_atom = true};
  Batch batch = make_batch(*context, std::span(&c.structure, 1));
  const auto potential = make_electrostatics(*context, std::span(&c.structure, 1), std::span(&c.terms, 1), c.charges,
                                             options, Precision::float64);
  DeviceEvaluation out(*context, batch, 1);
  evaluate_confirmed(*potential, batch, want, out);
  for (const double stretch : {0.99, 1.02, 1.25}) {
    const synthetic::Matrix strain{{{stretch, 0, 0}, {0.02, 1, 0}, {0, 0, 1}}};
    Case strained{synthetic::transformed(c.structure, strain), c.terms, c.charges};
    batch = make_batch(*context, std::span(&strained.structure, 1));
    for (const bool per_atom : {true, false}) {
      evaluate_confirmed(*potential, batch, {.per_atom = per_atom}, out);
      const Result fresh = evaluate(*context, strained, options, Precision::float64, per_atom);
      check_same(charged::results_of(batch, out)[0], fresh, 2e-7);
    }
  }
}

TEST(restored_lists_give_the_same_bits) {
  const auto context = make_test_context();
  const Case c = charged::random_case();
  for (const Options& options : {Options{.cutoff_A = 8.0}, dsf()}) {
    const auto make = [&] {
      return make_electrostatics(*context, std::span(&c.structure, 1), std::span(&c.terms, 1), c.charges, options,
                                 Precision::float64);
    };
    const auto first = make();
    Batch batch = make_batch(*context, std::span(&c.structure, 1));
    DeviceEvaluation out(*context, batch, 1);
    evaluate_confirmed(*first, batch, {}, out);
    // Within the skin and the slack: the lists stay those of the first structure.
    Structure moved = synthetic::transformed(c.structure, {{{1.004, 0, 0}, {0, 0.998, 0}, {0, 0, 1}}});
    moved.positions[3][1] += 0.11;
    batch = make_batch(*context, std::span(&moved, 1));
    evaluate_confirmed(*first, batch, {}, out);
    const Result expected = charged::results_of(batch, out)[0];
    const auto second = make();
    second->restore_lists(batch, first->list_references());
    evaluate_confirmed(*second, batch, {}, out);
    const Result again = charged::results_of(batch, out)[0];
    CHECK(again.energy == expected.energy);
    CHECK(again.forces == expected.forces);
    CHECK(again.virial == expected.virial);
  }
}

TEST(single_and_mixed_precision_stay_within_their_digits) {
  const auto context = make_test_context();
  const Case c = charged::random_case();
  const Result exact = evaluate(*context, c, {.cutoff_A = 8.0});
  for (const Precision precision : {Precision::mixed, Precision::float32})
    check_same(evaluate(*context, c, {.cutoff_A = 8.0}, precision), exact, 1e-4);
}

TEST(damped_shifted_force_of_a_pair_in_vacuum_is_its_formula) {
  const auto context = make_test_context();
  Case c;
  c.structure.pbc = {false, false, false};
  c.structure.positions = {{0.3, 0.1, 0.2}, {0.3, 0.1, 3.2}};
  c.structure.atomic_numbers = {11, 17};
  c.charges = {0.7, -0.4};
  c.terms = charged::no_exclusions(2);
  // Fennell and Gezelter, J. Chem. Phys. 124, 234104 (2006), eq. (18), with their self term (eq. (20)).
  const double alpha = 0.2;
  const double rc = 8.0;
  const double r = 3.0;
  const double slope_at_cutoff = std::erfc(alpha * rc) / (rc * rc) +
                                 2 * alpha / std::sqrt(std::acos(-1.0)) * std::exp(-alpha * alpha * rc * rc) / rc;
  const double shift = std::erfc(alpha * rc) / rc;
  const double pair = std::erfc(alpha * r) / r - shift + slope_at_cutoff * (r - rc);
  const double self = -(shift + slope_at_cutoff * rc) / 2 - alpha / std::sqrt(std::acos(-1.0));
  const double expected = kCoulombEvA * (0.7 * -0.4 * pair + (0.49 + 0.16) * self);
  for (const bool per_atom : {false, true})
    CHECK_CLOSE(evaluate(*context, c, dsf(rc), Precision::float64, per_atom).energy, expected, 0, 1e-10);
}

TEST(ewald_needs_three_periodic_axes) {
  const auto context = make_test_context();
  Case c = charged::random_case();
  c.structure.pbc = {true, true, false};
  CHECK_THROWS_CODE(evaluate(*context, c, exact_ewald()), ErrorCode::unsupported);
}

TEST(charges_that_do_not_fit_are_refused) {
  const auto context = make_test_context();
  Case c = charged::random_case();
  c.charges.pop_back();
  CHECK_THROWS_CODE(evaluate(*context, c, dsf()), ErrorCode::bad_request);
  c.charges.push_back(std::nan(""));
  CHECK_THROWS_CODE(evaluate(*context, c, dsf()), ErrorCode::bad_request);
}

TEST(a_net_charge_is_told) {
  CHECK(electrostatics::net_charge_warning(std::vector<double>{0.5, -0.5002}).empty());
  CHECK(electrostatics::net_charge_warning(std::vector<double>{0.5, 0.5}).find("1.0") != std::string::npos);
}

TEST(without_charges_there_is_no_energy) {
  const auto context = make_test_context();
  Case c = charged::random_case();
  std::fill(c.charges.begin(), c.charges.end(), 0.0);
  for (const Options& options : {exact_ewald(), dsf()}) CHECK(evaluate(*context, c, options).energy == 0.0);
}

TEST(a_sum_has_its_parts_side_by_side) {
  const auto context = make_test_context();
  const synthetic::Case uff = synthetic::every_kind_of_term();
  const Case c = charged::random_case();
  const Batch batch = make_batch(*context, std::span(&uff.structure, 1));
  const EvaluateWant want{.forces = true, .stress = true, .per_atom = true};
  const auto run = [&](Potential& potential) {
    DeviceEvaluation out(*context, batch, static_cast<int>(potential.component_names().size()));
    evaluate_confirmed(potential, batch, want, out);
    return std::pair{charged::results_of(batch, out)[0], out.energy_components.to_host()};
  };
  const auto make_uff = [&] { return make_uff4mof(*context, std::span(&uff.terms, 1), Precision::float64); };
  const auto make_coulomb = [&] {
    return make_electrostatics(*context, std::span(&uff.structure, 1), std::span(&c.terms, 1), c.charges, dsf(),
                               Precision::float64);
  };
  std::vector<std::unique_ptr<Potential>> parts;
  parts.push_back(make_uff());
  parts.push_back(make_coulomb());
  const auto sum = make_sum(*context, batch, std::move(parts));
  const auto [total, components] = run(*sum);
  const auto [bonded, bonded_components] = run(*make_uff());
  const auto [coulomb, coulomb_components] = run(*make_coulomb());
  CHECK(sum->component_names().size() == 6);
  CHECK(sum->component_names()[0] == "bond" && sum->component_names()[5] == "coulomb");
  for (std::size_t k = 0; k < 5; ++k) CHECK(components[k] == bonded_components[k]);
  CHECK(components[5] == coulomb_components[0]);
  CHECK(total.energy == bonded.energy + coulomb.energy);
  for (std::size_t k = 0; k < total.forces.size(); ++k) CHECK(total.forces[k] == bonded.forces[k] + coulomb.forces[k]);
  for (std::size_t k = 0; k < 9; ++k) CHECK(total.virial[k] == bonded.virial[k] + coulomb.virial[k]);
  CHECK_CLOSE(sum_of(total.energies_per_atom), total.energy, 0, 1e-11);

  parts.clear();
  parts.push_back(make_uff());
  parts.push_back(make_coulomb());
  const auto restored = make_sum(*context, batch, std::move(parts));
  restored->restore_lists(batch, sum->list_references());
  CHECK(run(*restored).first.energy == total.energy);
}

}  // namespace mofkernel::MOFK_NS
