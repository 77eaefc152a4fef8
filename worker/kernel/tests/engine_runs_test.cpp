// Runs of batches that were split: indices, checkpoints of the parts, and what goes wrong inside.
#include <filesystem>
#include <set>

#include "check.hpp"
#include "engine/engine.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "molecules.hpp"

namespace mofkernel {

/// Enough for some of the structures below, not for all.
constexpr std::size_t kTinyLimit = 200'000;

std::vector<Structure> molecules() {
  return {make_methane(), fixtures::methanol(), fixtures::formamide(), make_methane_crystal(), fixtures::methanol()};
}

/// A folder of its own that is gone afterwards.
struct Folder {
  std::filesystem::path path;

  explicit Folder(const char* name) : path(std::filesystem::temp_directory_path() / name) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::size_t n_files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()));
  }
};

MdOptions dynamics(std::size_t n) {
  MdOptions options{.ensemble = Ensemble::nvt_langevin, .timestep_fs = 0.5, .n_steps = 30};
  for (std::size_t s = 0; s < n; ++s) options.temperatures_k.push_back(100 + 50 * static_cast<double>(s));
  options.seed = 5;
  options.sample_interval = 10;
  return options;
}

MdResult run_md(
    std::optional<std::size_t> limit, const MdOptions& options, const RunControl& control,
    const std::function<void(const MdSample&)>& on_sample = [](const MdSample&) {}) {
  const auto engine = make_engine("cpu", Precision::float64);
  engine->set_memory_limit(limit);
  return engine->run_md(molecules(), {}, options, control, on_sample);
}

bool same_end(const MdResult& a, const MdResult& b) {
  return a.structures == b.structures && a.velocities == b.velocities && a.energies == b.energies;
}

TEST(every_structure_of_a_split_dynamics_batch_goes_its_own_way) {
  const std::size_t n = molecules().size();
  MdOptions options = dynamics(n);
  const Folder folder("mofkernel_engine_runs_split");
  options.trajectories = {
      {.structure = 3, .format = TrajectoryFormat::extxyz, .path = folder.path / "three.extxyz", .interval_steps = 10}};
  std::vector<int> n_samples(n);
  std::vector<double> first_temperature(n);
  const MdResult split = run_md(kTinyLimit, options, {}, [&](const MdSample& sample) {
    const auto s = static_cast<std::size_t>(sample.structure);
    if (sample.step == 0) first_temperature.at(s) = sample.temperature_k;
    ++n_samples.at(s);
  });
  CHECK((n_samples == std::vector<int>(n, 4)));
  // Velocities are drawn and scaled to the temperature of their own structure.
  for (std::size_t s = 0; s < n; ++s) CHECK_CLOSE(first_temperature[s], options.temperatures_k[s], 1e-6, 0);
  CHECK(split.outcomes.size() == n && split.structures.size() == n);
  // The two methanols start alike, and draw other random numbers although each may be the first of its part.
  CHECK(split.structures[1].positions != split.structures[4].positions);
  CHECK(std::filesystem::file_size(folder.path / "three.extxyz") > 0);

  options.trajectories.clear();
  const MdResult whole = run_md(std::nullopt, options, {});
  for (std::size_t s = 0; s < n; ++s) {
    for (std::size_t i = 0; i < whole.structures[s].positions.size(); ++i) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        // The same random numbers; thirty steps carry rounding no further.
        CHECK_CLOSE(split.structures[s].positions[i][axis], whole.structures[s].positions[i][axis], 1e-9, 0);
      }
    }
  }
}

TEST(a_split_dynamics_run_goes_on_from_the_checkpoints_of_its_parts) {
  const MdOptions options = dynamics(molecules().size());
  const MdResult never_stopped = run_md(kTinyLimit, options, {});
  const Folder folder("mofkernel_engine_runs_resume");
  bool stops = false;
  RunControl control{.is_cancelled = [&] { return stops; }};
  control.checkpoint = {.path = folder.path / "run", .interval_steps = 10, .interval_seconds = 0, .resume = true};
  const MdResult stopped = run_md(kTinyLimit, options, control, [&](const MdSample& sample) {
    stops = stops || (sample.structure >= 3 && sample.step == 10);
  });
  CHECK(stopped.outcomes.front().end_state == MdEndState::completed);
  CHECK(stopped.outcomes.back().end_state == MdEndState::cancelled);
  // The plan and at least two parts.
  CHECK(folder.n_files() >= 3);

  stops = false;
  std::set<int> moved;
  // More memory now: the parts stay as they were.
  const MdResult resumed =
      run_md(std::nullopt, options, control, [&](const MdSample& sample) { moved.insert(sample.structure); });
  CHECK(same_end(resumed, never_stopped));
  CHECK(!moved.contains(0) && moved.contains(4));

  const auto engine = make_engine("cpu", Precision::float64);
  MdOptions fewer = dynamics(2);
  CHECK_THROWS_CODE(
      engine->run_md(std::vector<Structure>(2, make_methane()), {}, fewer, control, [](const MdSample&) {}),
      ErrorCode::bad_checkpoint);
}

TEST(a_run_that_starts_anew_forgets_the_parts_of_the_one_before) {
  const Folder folder("mofkernel_engine_runs_anew");
  MdOptions options = dynamics(molecules().size());
  RunControl control;
  control.checkpoint = {.path = folder.path / "run", .interval_steps = 10};
  (void)run_md(kTinyLimit, options, control);
  options.seed += 1;
  bool stops = false;
  control.is_cancelled = [&] { return stops; };
  (void)run_md(kTinyLimit, options, control, [&](const MdSample& sample) { stops = stops || sample.step == 10; });
  stops = false;
  control.checkpoint.resume = true;
  CHECK(same_end(run_md(kTinyLimit, options, control), run_md(kTinyLimit, options, {})));
}

TEST(a_split_relaxation_goes_on_from_the_checkpoints_of_its_parts) {
  const RelaxOptions options{
      .optimizer = Optimizer::mdmin, .fmax_eV_A = 1e-3, .max_steps = 25, .cell_mode = CellMode::fixed};
  const auto relax = [&](std::optional<std::size_t> limit, const RunControl& control,
                         const std::function<void(const RelaxStep&)>& on_step) {
    const auto engine = make_engine("cpu", Precision::float64);
    engine->set_memory_limit(limit);
    return engine->relax(molecules(), {}, options, control, on_step);
  };
  const auto ignore = [](const RelaxStep&) {};
  const RelaxResult never_stopped = relax(kTinyLimit, {}, ignore);
  const Folder folder("mofkernel_engine_runs_relax");
  bool stops = false;
  RunControl control{.is_cancelled = [&] { return stops; }};
  control.checkpoint = {.path = folder.path / "run", .interval_steps = 0, .interval_seconds = 0, .resume = true};
  const RelaxResult stopped = relax(
      kTinyLimit, control, [&](const RelaxStep& step) { stops = stops || (step.structure >= 3 && step.step == 3); });
  CHECK(stopped.outcomes.back().end_state == RelaxEndState::cancelled);
  CHECK(folder.n_files() >= 3);
  stops = false;
  const RelaxResult resumed = relax(std::nullopt, control, ignore);
  CHECK(resumed.structures == never_stopped.structures);
  CHECK(resumed.evaluation.energies == never_stopped.evaluation.energies);
  for (std::size_t s = 0; s < resumed.outcomes.size(); ++s) {
    CHECK(resumed.outcomes[s].end_state == never_stopped.outcomes[s].end_state);
    CHECK(resumed.outcomes[s].steps == never_stopped.outcomes[s].steps);
  }
}

TEST(a_structure_that_explodes_does_not_take_the_others_along) {
  const std::size_t n = molecules().size();
  MdOptions options = dynamics(n);
  options.ensemble = Ensemble::nve;
  // The kinetic energy of the start is still a number, what comes of it is not.
  for (const Structure& structure : molecules())
    options.velocities.resize(options.velocities.size() + structure.positions.size());
  options.velocities[7] = {1e150, 0, 0};
  for (const std::optional<std::size_t> limit :
       {std::optional<std::size_t>{}, std::optional<std::size_t>{kTinyLimit}}) {
    const MdResult result = run_md(limit, options, {});
    CHECK(result.outcomes[1].end_state == MdEndState::diverged);
    for (const std::size_t s : {0, 2, 3, 4}) {
      CHECK(result.outcomes[s].end_state == MdEndState::completed && result.outcomes[s].steps == 30);
    }
    for (const auto& position : result.structures[1].positions) CHECK(std::isfinite(position[0]));
  }
}

TEST(insertions_of_the_engine_know_the_charges_and_the_terms_of_the_framework) {
  const auto engine = make_engine("cpu", Precision::float64);
  InsertionOptions options;
  options.adsorbate = {"methane", {{"CH4", {0, 0, 0}, 0.01275, 3.73, 0, 16.043}}};
  options.cutoff_A = 10;
  options.n_insertions = 500;
  options.n_lowest = 1;
  std::int64_t last = 0;
  const InsertionResult result =
      engine->insert(fixtures::quartz(), {}, options, {}, [&](std::int64_t n_done) { last = n_done; });
  CHECK(result.n_placements == 500 && last <= 500);
  // Quartz has no room for methane.
  CHECK(result.boltzmann_mean >= 0 && result.boltzmann_mean < 1e-3);
  Structure slab = make_methane_crystal();
  slab.pbc[2] = false;
  CHECK_THROWS_CODE(engine->insert(slab, {}, options, {}, [](std::int64_t) {}), ErrorCode::unsupported);
}

TEST(insertions_do_not_depend_on_how_many_fit_into_memory_at_once) {
  InsertionOptions options;
  options.adsorbate = {"small", {{"X", {0, 0, 0}, 0.0103, 1.5, 0, 4}}};  // quartz has no room for more
  options.cutoff_A = 8;
  options.n_insertions = 30'000;
  options.n_lowest = 3;
  InsertionOptions grid = options;
  grid.mode = InsertionMode::grid;
  grid.spacing_A = 0.2;
  for (const InsertionOptions& asked : {options, grid}) {
    const auto insert = [&asked](std::optional<std::size_t> limit, std::vector<std::int64_t>& progress) {
      const auto engine = make_engine("cpu", Precision::float64);
      engine->set_memory_limit(limit);
      return engine->insert(fixtures::quartz(), {}, asked, {}, [&](std::int64_t n) { progress.push_back(n); });
    };
    std::vector<std::int64_t> whole_progress;
    std::vector<std::int64_t> split_progress;
    const InsertionResult whole = insert({}, whole_progress);
    const InsertionResult split = insert(2'500'000, split_progress);
    CHECK(whole_progress.size() == 1 && split_progress.size() > 1);
    CHECK(split_progress.back() == whole.n_placements);
    CHECK(split.boltzmann_mean == whole.boltzmann_mean && split.mean_energy_eV == whole.mean_energy_eV);
    CHECK(split.boltzmann_standard_error == whole.boltzmann_standard_error);
    CHECK(split.grid_minimum_eV == whole.grid_minimum_eV && split.grid_free_energy_eV == whole.grid_free_energy_eV);
    CHECK(split.lowest.size() == whole.lowest.size());
    for (std::size_t i = 0; i < split.lowest.size(); ++i) CHECK(split.lowest[i].center == whole.lowest[i].center);
    CHECK_THROWS_CODE(insert(100'000, split_progress), ErrorCode::out_of_memory);
  }
}

}  // namespace mofkernel
