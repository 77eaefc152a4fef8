// A relaxation that was stopped and resumed ends with the bits of one that was never stopped.
#include <algorithm>

#include "relax_system.hpp"
#include "scratch_folder.hpp"

namespace mofkernel::MOFK_NS {

/// Three structures that need different numbers of steps.
std::vector<Structure> three_crystals(const json::Value& reference) {
  const Structure crystal = crystal_of(reference);
  Structure stretched = crystal;
  for (std::size_t a = 0; a < 3; ++a) stretched.cell[2][a] *= 1.2;
  Structure nearly_relaxed = crystal;
  System system({crystal}, reference.at("potential"));
  (void)system.relax({.fmax_eV_A = 0.02, .cell_mode = CellMode::full});
  nearly_relaxed = to_structures(system.batch)[0];
  return {crystal, stretched, nearly_relaxed};
}

/// Everything a relaxation ends with.
struct End {
  std::vector<RelaxOutcome> outcomes;
  std::vector<Structure> structures;
  std::vector<double> energies;
  std::vector<double> forces;
  std::vector<double> virials;
};

class Runs {
 public:
  explicit Runs(const RelaxOptions& options) : options_(options) {
    reference_ = read_reference();
    structures_ = three_crystals(reference_);
  }

  /// From the start structures, in a process of its own as far as the engine can tell.
  End run(const RunControl& control, const std::function<void(const RelaxStep&)>& on_step = kNoReport,
          bool leaves_ended_behind = false) {
    System system(structures_, reference_.at("potential"));
    PotentialOfSome potential_of;
    if (leaves_ended_behind) {
      potential_of = [&, of_crystals = system.potential_of_crystals(reference_)](std::span<const int> some) {
        ++n_parts_;
        return of_crystals(some);
      };
    }
    End end;
    end.outcomes = system.relax(options_, on_step, control, potential_of);
    end.structures = to_structures(system.batch);
    end.energies = system.evaluation.energies.to_host();
    end.forces = system.evaluation.forces.to_host();
    end.virials = system.evaluation.virials.to_host();
    return end;
  }

  /// How often ended structures were left behind.
  [[nodiscard]] int n_parts() const { return n_parts_; }
  RelaxOptions& options() { return options_; }
  std::vector<Structure>& structures() { return structures_; }

 private:
  RelaxOptions options_;
  json::Value reference_;
  std::vector<Structure> structures_;
  int n_parts_ = 0;
};

/// Stops when asked for the n-th time.
RunControl stopped_after(int n_steps, const std::filesystem::path& path, bool resume) {
  auto n_asked = std::make_shared<int>(0);
  return {.is_cancelled = [n_asked, n_steps] { return (*n_asked)++ == n_steps; },
          .checkpoint = {.path = path, .resume = resume}};
}

void check_same(const End& a, const End& b) {
  CHECK(a.structures == b.structures);
  CHECK(a.energies == b.energies);
  CHECK(a.forces == b.forces);
  CHECK(a.virials == b.virials);
  for (std::size_t s = 0; s < a.outcomes.size(); ++s) {
    CHECK(a.outcomes[s].end_state == b.outcomes[s].end_state);
    CHECK(a.outcomes[s].steps == b.outcomes[s].steps);
    CHECK(a.outcomes[s].max_force_eV_A == b.outcomes[s].max_force_eV_A);
    CHECK(a.outcomes[s].max_cell_force_eV_A == b.outcomes[s].max_cell_force_eV_A);
  }
}

void check_resumed_run(const RelaxOptions& options, bool leaves_ended_behind) {
  const ScratchFolder folder;
  Runs runs(options);
  std::vector<double> energies;
  const auto keep_energy = [&](const RelaxStep& step) { energies.push_back(step.energy_eV); };
  const End never_stopped = runs.run({}, keep_energy, leaves_ended_behind);
  const std::vector<double> never_stopped_energies = std::exchange(energies, {});
  // Stopped twice, the second time when only the slowest structure is on its way.
  std::vector<int> steps;
  for (const RelaxOutcome& outcome : never_stopped.outcomes) steps.push_back(outcome.steps);
  std::ranges::sort(steps);
  const int second_stop = std::max(steps[1] + 2, 4);
  if (leaves_ended_behind) CHECK(runs.n_parts() > 0 && second_stop < steps[2]);
  const End stopped = runs.run(stopped_after(3, folder / "c", false), keep_energy, leaves_ended_behind);
  CHECK(stopped.outcomes[0].end_state == RelaxEndState::cancelled && stopped.outcomes[0].steps == 3);
  (void)runs.run(stopped_after(second_stop - 4, folder / "c", true), keep_energy, leaves_ended_behind);
  const End resumed =
      runs.run({.checkpoint = {.path = folder / "c", .resume = true}}, keep_energy, leaves_ended_behind);
  check_same(resumed, never_stopped);
  CHECK(energies == never_stopped_energies);
  // What has ended is read back as it ended.
  check_same(runs.run({.checkpoint = {.path = folder / "c", .resume = true}}, kNoReport, leaves_ended_behind),
             never_stopped);
}

TEST(resumed_relaxation_is_the_one_that_was_never_stopped) {
  for (const Optimizer optimizer : kAllOptimizers) {
    for (const CellMode mode : kAllCellModes) {
      check_resumed_run({.optimizer = optimizer,
                         .fmax_eV_A = 0.01,
                         .max_steps = 300,
                         .cell_mode = mode,
                         .pressures_eV_A3 = {0, 0.01, 0},
                         .fixed_atoms = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
                        false);
    }
  }
}

TEST(resumed_batch_without_its_ended_structures_is_the_one_that_was_never_stopped) {
  for (const Optimizer optimizer : kAllOptimizers)
    check_resumed_run({.optimizer = optimizer, .fmax_eV_A = 0.02, .max_steps = 300}, true);
}

TEST(interval_checkpoint_is_one_to_resume_from) {
  const ScratchFolder folder;
  Runs runs({.fmax_eV_A = 0.01});
  const End never_stopped = runs.run({});
  // A kill: the exception leaves what the last interval wrote.
  struct Killed {};
  try {
    (void)runs.run({.checkpoint = {.path = folder / "c", .interval_steps = 4}}, [](const RelaxStep& step) {
      if (step.step == 11) throw Killed{};
    });
    CHECK(false);
  } catch (const Killed&) {
  }
  int first_step = -1;
  const End resumed = runs.run({.checkpoint = {.path = folder / "c", .resume = true}}, [&](const RelaxStep& step) {
    if (first_step < 0) first_step = step.step;
  });
  CHECK(first_step == 9);
  check_same(resumed, never_stopped);
}

TEST(max_steps_may_grow_when_a_relaxation_is_resumed) {
  const ScratchFolder folder;
  Runs runs({.fmax_eV_A = 0.01});
  const End never_stopped = runs.run({});
  runs.options().max_steps = 5;
  CHECK(runs.run({.checkpoint = {.path = folder / "c"}}).outcomes[0].end_state == RelaxEndState::max_steps);
  runs.options().max_steps = 500;
  check_same(runs.run({.checkpoint = {.path = folder / "c", .resume = true}}), never_stopped);
}

TEST(checkpoint_of_another_relaxation_is_refused) {
  const ScratchFolder folder;
  Runs runs({.fmax_eV_A = 0.01, .max_steps = 3});
  (void)runs.run({.checkpoint = {.path = folder / "c"}});
  const RunControl resume{.checkpoint = {.path = folder / "c", .resume = true}};
  runs.structures()[1].positions[2][0] += 1e-9;
  CHECK_THROWS_CODE(runs.run(resume), ErrorCode::bad_checkpoint);
  runs.structures()[1].positions[2][0] = Runs({}).structures()[1].positions[2][0];
  runs.options().optimizer = Optimizer::fire;
  CHECK_THROWS_CODE(runs.run(resume), ErrorCode::bad_checkpoint);
  runs.options().optimizer = Optimizer::lbfgs;
  runs.options().fixed_atoms.assign(12, 1);
  CHECK_THROWS_CODE(runs.run(resume), ErrorCode::bad_checkpoint);
  runs.options().fixed_atoms.clear();
  CHECK(runs.run(resume).outcomes[0].steps == 3);
  // A missing file is a fresh start.
  CHECK(runs.run({.checkpoint = {.path = folder / "none", .resume = true}}).outcomes[0].steps == 3);
}

TEST(checkpoint_of_another_potential_is_refused) {
  const ScratchFolder folder;
  const json::Value reference = read_reference();
  const RunControl resume{.checkpoint = {.path = folder / "c", .resume = true}};
  System system({crystal_of(reference)}, reference.at("potential"));
  (void)system.relax({.max_steps = 3}, kNoReport, resume);
  System other({crystal_of(reference)}, reference.at("potential"));
  uff4mof::Terms terms = lennard_jones_terms(4, reference.at("potential"));
  terms.lj_epsilon_eV[0] *= 1.01;
  other.potential = make_uff4mof(*other.context, std::vector{terms}, Precision::float64);
  CHECK_THROWS_CODE(other.relax({.max_steps = 3}, kNoReport, resume), ErrorCode::bad_checkpoint);
}

}  // namespace mofkernel::MOFK_NS
