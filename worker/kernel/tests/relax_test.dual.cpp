#include "optimizers/relax.hpp"

#include "geometry/lattice.hpp"
#include "optimizers/cell_filter.hpp"
#include "optimizers/matrix_exponential.hpp"
#include "relax_system.hpp"

namespace mofkernel::MOFK_NS {

Optimizer optimizer_of(const std::string& name) {
  if (name == "LBFGS") return Optimizer::lbfgs;
  if (name == "BFGS") return Optimizer::bfgs;
  return name == "FIRE" ? Optimizer::fire : Optimizer::mdmin;
}

RelaxOptions options_of(const json::Value& relaxation, double fmax) {
  RelaxOptions options;
  options.optimizer = optimizer_of(relaxation.at("optimizer").text());
  const std::string mode = relaxation.at("cell_mode").text();
  options.cell_mode = mode == "fixed" ? CellMode::fixed : mode == "full" ? CellMode::full : CellMode::isotropic;
  options.pressures_eV_A3 = {relaxation.at("pressure_eV_A3").number()};
  options.fixed_atoms.assign(4, 0);
  for (const double i : numbers_of(relaxation.at("fixed_atoms"))) options.fixed_atoms[static_cast<std::size_t>(i)] = 1;
  options.fmax_eV_A = fmax;
  options.max_steps = 3000;
  options.frame_interval = 1;
  return options;
}

TEST(a_rotation_is_the_exponential_of_its_generator) {
  for (const double angle : {1e-8, 0.3, 2.0, 30.0}) {
    const double generator[9] = {0, -angle, 0, angle, 0, 0, 0, 0, 0};
    const double zero[9] = {};
    double exponential[9], derivative[9];
    matrix_exponential(generator, zero, exponential, derivative);
    const double rotation[9] = {cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0, 0, 0, 1};
    // Each squaring doubles the rounding error of about 1e-16.
    for (int k = 0; k < 9; ++k) CHECK_CLOSE(exponential[k], rotation[k], 3e-14, 0);
    for (const double d : derivative) CHECK(d == 0);
  }
}

TEST(the_frechet_derivative_is_the_derivative_of_the_exponential) {
  const double a[9] = {0.2, -0.5, 0.1, 0.7, 0.3, -0.2, 0.05, 0.4, -0.6};
  const double direction[9] = {0.3, 0.1, -0.7, 0.2, -0.4, 0.6, 0.9, -0.1, 0.5};
  double exponential[9], derivative[9], plus[9], minus[9], unused[9];
  matrix_exponential(a, direction, exponential, derivative);
  constexpr double kStep = 1e-5;
  double a_plus[9], a_minus[9];
  for (int k = 0; k < 9; ++k) {
    a_plus[k] = a[k] + kStep * direction[k];
    a_minus[k] = a[k] - kStep * direction[k];
  }
  matrix_exponential(a_plus, direction, plus, unused);
  matrix_exponential(a_minus, direction, minus, unused);
  // A central difference errs by step^2 and by 1e-16 / step.
  for (int k = 0; k < 9; ++k) CHECK_CLOSE(derivative[k], (plus[k] - minus[k]) / (2 * kStep), 1e-9, 0);
}

TEST(row_forces_are_the_derivatives_of_the_enthalpy) {
  const json::Value reference = read_reference();
  for (const CellMode mode : {CellMode::fixed, CellMode::full, CellMode::isotropic}) {
    constexpr double kPressure = 0.02;
    System system({crystal_of(reference)}, reference.at("potential"));
    CellFilter filter(*system.context, system.batch, mode, {kPressure}, {});
    Buffer<double> rows(*system.context);
    Buffer<double> forces(*system.context);
    filter.start(system.batch, rows);
    std::vector<double> at = rows.to_host();
    // Away from the start, where F is not 1; isotropic: along the diagonal only.
    for (std::size_t k = 12; k < at.size(); ++k) {
      at[k] = mode == CellMode::full ? 0.3 * std::sin(static_cast<double>(k)) : (k % 4 == 0 ? -0.2 : 0.0);
    }
    const auto enthalpy = [&](const std::vector<double>& values) {
      rows.upload(values);
      filter.apply(rows, system.batch);
      evaluate_confirmed(*system.potential, system.batch, {}, system.evaluation);
      const std::vector<double> cell = system.batch.cells.to_host();
      return system.evaluation.energies.to_host()[0] +
             (mode == CellMode::fixed ? 0 : kPressure * std::abs(determinant(cell.data())));
    };
    (void)enthalpy(at);
    filter.forces(system.batch, system.evaluation, rows, forces);
    const std::vector<double> analytic = forces.to_host();
    constexpr double kStep = 1e-4;
    const std::size_t n_checked = mode == CellMode::isotropic ? 12 : at.size();
    for (std::size_t k = 0; k < n_checked; ++k) {
      std::vector<double> plus = at;
      std::vector<double> minus = at;
      plus[k] += kStep;
      minus[k] -= kStep;
      CHECK_CLOSE(analytic[k], -(enthalpy(plus) - enthalpy(minus)) / (2 * kStep), 1e-6, 1e-6);
    }
    if (mode == CellMode::isotropic) {
      std::vector<double> plus = at;
      std::vector<double> minus = at;
      for (const std::size_t k : {12, 16, 20}) {
        plus[k] += kStep;
        minus[k] -= kStep;
      }
      CHECK_CLOSE(analytic[12] + analytic[16] + analytic[20], -(enthalpy(plus) - enthalpy(minus)) / (2 * kStep), 1e-6,
                  1e-6);
    }
  }
}

TEST(relaxations_follow_those_of_ase) {
  const json::Value reference = read_reference();
  for (const json::Value& relaxation : reference.at("relaxations").array()) {
    System system({crystal_of(reference)}, reference.at("potential"));
    const std::vector<double> energies = numbers_of(relaxation.at("first_energies_eV"));
    // ASE takes the logarithm of the deformation gradient anew in every step, which costs it some 1e-12.
    const auto compare = [&](const RelaxStep& step) {
      const auto i = static_cast<std::size_t>(step.step);
      if (i >= energies.size()) return;
      CHECK_CLOSE(step.energy_eV, energies[i], 1e-9, 0);
      const std::vector<double> positions = numbers_of(relaxation.at("first_positions_A").at(i));
      const std::vector<double> cell = numbers_of(relaxation.at("first_cells_A").at(i));
      for (std::size_t k = 0; k < positions.size(); ++k)
        CHECK_CLOSE(step.positions[k / 3][k % 3], positions[k], 1e-8, 0);
      for (std::size_t k = 0; k < 9; ++k) CHECK_CLOSE(step.cell[k / 3][k % 3], cell[k], 1e-8, 0);
    };
    const RelaxOutcome outcome = system.relax(options_of(relaxation, reference.at("fmax_eV_A").number()), compare)[0];
    CHECK(outcome.end_state == RelaxEndState::converged);
    CHECK_CLOSE(outcome.steps, static_cast<double>(relaxation.at("steps").integer()), 2, 0);
    // Both stop within 1e-3 eV/A of the minimum, not on the same point: energies agree to the square of that.
    CHECK_CLOSE(system.evaluation.energies.to_host()[0], relaxation.at("final_energy_eV").number(), 2e-5, 0);
    const std::vector<double> cell = numbers_of(relaxation.at("final_cell_A"));
    const std::vector<double> reached = system.batch.cells.to_host();
    CHECK_CLOSE(determinant(reached.data()), determinant(cell.data()), 0, 1e-3);
  }
}

TEST(structures_of_a_batch_relax_as_if_alone) {
  const json::Value reference = read_reference();
  const Structure crystal = crystal_of(reference);
  Structure stretched = crystal;
  for (std::size_t a = 0; a < 3; ++a) stretched.cell[2][a] *= 1.2;
  Structure pair;
  pair.pbc = {false, false, false};
  pair.positions = {{0, 0, 0}, {0, 0, 2.9}};
  pair.atomic_numbers = {18, 18};
  for (const Optimizer optimizer : kAllOptimizers) {
    const RelaxOptions options{
        .optimizer = optimizer, .fmax_eV_A = 1e-4, .max_steps = 1000, .cell_mode = CellMode::fixed};
    System together({pair, crystal, stretched}, reference.at("potential"));
    const auto outcomes = together.relax(options);
    const std::vector<Structure> relaxed = to_structures(together.batch);
    std::size_t i = 0;
    for (const Structure& structure : {pair, crystal, stretched}) {
      System alone({structure}, reference.at("potential"));
      const RelaxOutcome outcome = alone.relax(options)[0];
      CHECK(outcome.end_state == RelaxEndState::converged && outcomes[i].end_state == RelaxEndState::converged);
      CHECK_CLOSE(outcomes[i].steps, outcome.steps, 1, 0);
      CHECK_CLOSE(together.evaluation.energies.to_host()[i], alone.evaluation.energies.to_host()[0], 1e-7, 0);
      ++i;
    }
    // The minimum of the pair is known; fmax leaves 1e-4 eV/A over a curvature of 72 epsilon / x^2 = 0.28 eV/A^2.
    const double distance = relaxed[0].positions[1][2] - relaxed[0].positions[0][2];
    CHECK_CLOSE(distance, reference.at("potential").at("x_A").number(), 3.6e-4, 0);
  }
}

TEST(zero_steps_evaluate_and_change_nothing) {
  const json::Value reference = read_reference();
  const Structure crystal = crystal_of(reference);
  System system({crystal}, reference.at("potential"));
  int n_reports = 0;
  const auto outcome = system.relax({.max_steps = 0, .cell_mode = CellMode::full}, [&](const RelaxStep& step) {
    ++n_reports;
    CHECK(step.step == 0 && !step.has_frame && step.stress_voigt_eV_A3.has_value());
  });
  CHECK(n_reports == 1 && outcome[0].end_state == RelaxEndState::max_steps && outcome[0].steps == 0);
  CHECK(to_structures(system.batch)[0] == crystal);
}

TEST(a_cancelled_relaxation_keeps_its_last_step) {
  const json::Value reference = read_reference();
  System system({crystal_of(reference)}, reference.at("potential"));
  int n_asked = 0;
  RelaxStep last;
  const auto outcomes = relax_batch(*system.context, system.batch, *system.potential, {.frame_interval = 1},
                                    {.is_cancelled = [&] { return n_asked++ == 5; }}, system.evaluation,
                                    [&](const RelaxStep& step) { last = step; });
  CHECK(outcomes[0].end_state == RelaxEndState::cancelled && outcomes[0].steps == 5 && last.step == 5 &&
        last.has_frame);
  CHECK(to_structures(system.batch)[0].positions == last.positions);
}

TEST(bfgs_refuses_what_only_lbfgs_can_do) {
  check_optimizer_suits(Optimizer::bfgs, 1500);
  check_optimizer_suits(Optimizer::lbfgs, 1'000'000);
  CHECK_THROWS_CODE(check_optimizer_suits(Optimizer::bfgs, 1501), ErrorCode::unsupported);
}

TEST(predicted_memory_holds_the_matrix_and_the_pairs) {
  constexpr std::size_t kValues = 3 * (424 + 3);
  const std::size_t fire = predict_relaxation_bytes({.optimizer = Optimizer::fire}, 424);
  CHECK(predict_relaxation_bytes({.optimizer = Optimizer::bfgs}, 424) > fire + kValues * kValues * sizeof(double));
  CHECK(predict_relaxation_bytes({.optimizer = Optimizer::lbfgs}, 424) > fire + 200 * kValues * sizeof(double));
  CHECK(predict_relaxation_bytes({.optimizer = Optimizer::fire}, 848) > fire);
}

TEST(fixed_atoms_of_another_number_are_refused) {
  const json::Value reference = read_reference();
  System system({crystal_of(reference)}, reference.at("potential"));
  CHECK_THROWS_CODE(system.relax({.fixed_atoms = {1, 0, 0}}), ErrorCode::bad_request);
}

TEST(a_cell_without_three_periodic_axes_cannot_move) {
  const json::Value reference = read_reference();
  Structure slab = crystal_of(reference);
  slab.pbc[2] = false;
  System system({slab}, reference.at("potential"));
  CHECK_THROWS_CODE(system.relax({.cell_mode = CellMode::full}), ErrorCode::unsupported);
  CHECK(system.relax({.fmax_eV_A = 1e-3, .cell_mode = CellMode::fixed})[0].end_state == RelaxEndState::converged);
}

/// One spring to the origin per coordinate, of which nothing is left after some evaluations.
class BreakingSprings : public Potential {
 public:
  BreakingSprings(const Context& context, double stiffness, int n_good)
      : context_(context), stiffness_(stiffness), n_good_(n_good) {}

  void evaluate(const Batch& batch, EvaluateWant /*want*/, DeviceEvaluation& out) override {
    std::vector<double> x = batch.positions.to_host();
    double energy = 0;
    for (double& value : x) {
      energy += 0.5 * stiffness_ * value * value;
      value *= -stiffness_;
    }
    if (n_evaluations_++ >= n_good_) energy = std::numeric_limits<double>::quiet_NaN();
    out.energies.upload(std::vector<double>{energy});
    out.forces.upload(x);
    out.virials.fill_zero();
  }
  [[nodiscard]] bool confirm() override { return true; }
  [[nodiscard]] std::vector<ListReference> list_references() const override { return {}; }
  void restore_lists(const Batch& /*batch*/, std::span<const ListReference> /*references*/) override {}
  [[nodiscard]] std::span<const std::string> component_names() const override { return names_; }
  [[nodiscard]] int n_evaluations() const { return n_evaluations_; }

 private:
  const Context& context_;
  double stiffness_;
  int n_good_;
  int n_evaluations_ = 0;
  std::vector<std::string> names_{"spring"};
};

Structure one_atom() {
  Structure atom;
  atom.pbc = {false, false, false};
  atom.positions = {{3, 2, 1}};
  atom.atomic_numbers = {18};
  return atom;
}

TEST(a_diverged_relaxation_ends_with_its_last_good_step) {
  for (const Optimizer optimizer : kAllOptimizers) {
    const auto context = make_test_context();
    Batch batch = make_batch(*context, std::vector<Structure>{one_atom()});
    BreakingSprings springs(*context, 5, 4);
    DeviceEvaluation evaluation(*context, batch, 1);
    RelaxStep last;
    const auto outcomes = relax_batch(*context, batch, springs,
                                      {.optimizer = optimizer, .cell_mode = CellMode::fixed, .frame_interval = 1}, {},
                                      evaluation, [&](const RelaxStep& step) { last = step; });
    CHECK(outcomes[0].end_state == RelaxEndState::diverged && outcomes[0].steps == 4 && last.step == 3);
    CHECK(to_structures(batch)[0].positions == last.positions);
  }
}

TEST(lbfgs_takes_back_a_step_uphill) {
  // 2000 eV/A^2 against an assumed 70: the uncut first step overshoots thirty times.
  const auto context = make_test_context();
  Structure atom = one_atom();
  atom.positions = {{0.02, -0.01, 0.03}};
  Batch batch = make_batch(*context, std::vector<Structure>{atom});
  BreakingSprings springs(*context, 2000, std::numeric_limits<int>::max());
  DeviceEvaluation evaluation(*context, batch, 1);
  const auto outcomes =
      relax_batch(*context, batch, springs, {.cell_mode = CellMode::fixed}, {}, evaluation, kNoReport);
  CHECK(outcomes[0].end_state == RelaxEndState::converged && outcomes[0].steps < 30);
}

}  // namespace mofkernel::MOFK_NS
