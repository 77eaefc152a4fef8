// Conversations about runs: every field reaches the engine, every wrong one is refused, and every answer has its
// arrays.
#include <filesystem>
#include <limits>
#include <random>

#include "check.hpp"
#include "errors.hpp"
#include "molecules.hpp"
#include "requests.hpp"

namespace mofkernel::protocol {

/// Remembers what it was asked for; its answers have the right shapes and plain numbers.
class RecordingEngine : public Engine {
 public:
  struct Asked {
    std::vector<Structure> structures;
    PotentialSpec potential;
    RelaxOptions relax;
    MdOptions md;
    ForceConstantOptions force_constants;
    InsertionOptions insertions;
    CheckpointPlan checkpoint;
    std::optional<std::size_t> memory_limit;
    std::optional<double> seconds_left;
  };

  explicit RecordingEngine(Asked& asked) : asked_(asked) {}

  Evaluation evaluate(std::span<const Structure> structures, const PotentialSpec& potential, EvaluateWant) override {
    keep(structures, potential, {});
    return evaluation();
  }

  RelaxResult relax(std::span<const Structure> structures, const PotentialSpec& potential, const RelaxOptions& options,
                    const RunControl& control, const std::function<void(const RelaxStep&)>&) override {
    keep(structures, potential, control);
    asked_.relax = options;
    return {.outcomes = std::vector<RelaxOutcome>(structures.size()),
            .structures = asked_.structures,
            .evaluation = evaluation()};
  }

  MdResult run_md(std::span<const Structure> structures, const PotentialSpec& potential, const MdOptions& options,
                  const RunControl& control, const std::function<void(const MdSample&)>& on_sample) override {
    keep(structures, potential, control);
    asked_.md = options;
    MdSample sample;
    sample.structure = 1;
    sample.step = 1LL << 40;
    sample.time_fs = 2.5;
    on_sample(sample);
    sample.has_frame = true;
    sample.positions = sample.velocities = sample.forces = asked_.structures[1].positions;
    sample.pressure_eV_A3 = 0.25;
    on_sample(sample);
    MdResult result;
    result.outcomes = {{MdEndState::completed, 7, 3}, {MdEndState::diverged, 5, 12}};
    result.structures = asked_.structures;
    for (const Structure& s : asked_.structures)
      result.velocities.insert(result.velocities.end(), s.positions.begin(), s.positions.end());
    result.energies = {1, 2};
    result.resumed_from_step = 4;
    return result;
  }

  ForceConstants force_constants(const Structure& structure, const PotentialSpec& potential,
                                 const ForceConstantOptions& options, const RunControl& control,
                                 const std::function<void(int)>& on_progress) override {
    keep(std::span(&structure, 1), potential, control);
    asked_.force_constants = options;
    on_progress(1);
    return {.rows = std::vector<double>(3 * structure.positions.size(), 0.5),
            .forces = structure.positions,
            .n_finished = 1,
            .stop = StopReason::deadline,
            .warnings = {}};
  }

  InsertionResult insert(const Structure& framework, const PotentialSpec& potential, const InsertionOptions& options,
                         const RunControl& control, const std::function<void(std::int64_t)>& on_progress) override {
    keep(std::span(&framework, 1), potential, control);
    asked_.insertions = options;
    on_progress(3);
    InsertionResult result;
    result.mean_energy_eV = std::numeric_limits<double>::quiet_NaN();
    const std::size_t n_sites = options.adsorbate.sites.size();
    result.lowest = {{-0.1, {1, 2, 3}, std::vector<std::array<double, 3>>(n_sites)}};
    if (options.mode == InsertionMode::grid) {
      result.grid_shape = {1, 2, 3};
      result.grid_minimum_eV.assign(6, std::numeric_limits<float>::infinity());
      result.grid_free_energy_eV.assign(6, 1);
    }
    return result;
  }

  void set_memory_limit(std::optional<std::size_t> bytes) override { asked_.memory_limit = bytes; }

 private:
  void keep(std::span<const Structure> structures, const PotentialSpec& potential, const RunControl& control) {
    asked_.structures.assign(structures.begin(), structures.end());
    asked_.potential = potential;
    asked_.checkpoint = control.checkpoint;
    asked_.seconds_left.reset();
    if (control.deadline)
      asked_.seconds_left = std::chrono::duration<double>(*control.deadline - std::chrono::steady_clock::now()).count();
  }

  [[nodiscard]] Evaluation evaluation() const {
    Evaluation result;
    result.component_names = {"all"};
    result.energies.assign(asked_.structures.size(), 0);
    result.energy_components = result.energies;
    for (const Structure& s : asked_.structures) result.forces.insert(result.forces.end(), s.positions.size(), {});
    result.stress.resize(asked_.structures.size());
    result.energies_per_atom.resize(result.forces.size());
    return result;
  }

  Asked& asked_;
};

struct Recorded {
  RecordingEngine::Asked asked;
  Conversation kernel{
      {list_devices, [this](const std::string&, Precision) { return std::make_unique<RecordingEngine>(asked); }}};

  Recorded() { (void)kernel.receive(); }
};

json::Object md_header(const char* id) {
  json::Object header = calculation("md", id);
  header.push_back({"ensemble", "npt_full"});
  header.push_back({"timestep_fs", 0.5});
  header.push_back({"n_steps", 1LL << 40});
  header.push_back({"temperature_k", 300});
  header.push_back({"pressure_eV_A3", 1e-6});
  header.push_back({"seed", 12345678901});
  header.push_back({"sample_interval", 10});
  header.push_back({"frame_interval", 100});
  return header;
}

json::Object checkpoint_at(const std::string& path) {
  return {{"path", path}, {"interval_steps", 100}, {"interval_seconds", 2.5}, {"resume", true}};
}

std::vector<Array> displacement_arrays(const std::vector<std::int32_t>& atoms,
                                       const std::vector<std::array<double, 3>>& directions) {
  std::vector<Array> arrays = structure_arrays({make_methane()});
  arrays.push_back(Array::make<std::int32_t>("displaced_atoms", {atoms.size()}, std::span(atoms)));
  arrays.push_back(Array::make<double>("directions", {directions.size(), 3}, std::span(directions)));
  return arrays;
}

std::vector<Array> plus(std::vector<Array> arrays, const char* name, const std::vector<double>& values,
                        std::vector<std::size_t> shape = {}) {
  if (shape.empty()) shape = {values.size()};
  arrays.push_back(Array::make<double>(name, std::move(shape), std::span(values)));
  return arrays;
}

std::vector<Array> plus_flags(std::vector<Array> arrays, const std::vector<std::uint8_t>& flags) {
  arrays.push_back(Array::make<std::uint8_t>("fixed_atoms", {flags.size()}, std::span(flags)));
  return arrays;
}

const std::vector<Structure>& two() {
  static const std::vector<Structure> kStructures{make_methane(), make_methane_crystal()};
  return kStructures;
}

TEST(every_field_of_a_calculation_reaches_the_engine) {
  Recorded session;
  json::Object header = evaluate_header("e");
  header[2].value = json::Object{{"kind", "uff4mof"},
                                 {"options", json::Object{{"dialect", "lammps_interface"}, {"cutoff_A", 9}}},
                                 {"electrostatics", json::Object{{"charges", "given"},
                                                                 {"method", "dsf"},
                                                                 {"cutoff_A", 8},
                                                                 {"relative_accuracy", 1e-4},
                                                                 {"damping_per_A", 0.1}}}};
  header.push_back({"share_topology", true});
  header.push_back({"memory_limit_bytes", 1'000'000});
  std::vector<double> charges(15);
  for (std::size_t i = 0; i < charges.size(); ++i) charges[i] = 0.01 * static_cast<double>(i);
  session.kernel.send(header, plus(structure_arrays(two()), "charges", charges));
  CHECK(session.kernel.receive_type() == "evaluate_result");
  const PotentialSpec& potential = session.asked.potential;
  CHECK(potential.uff4mof.dialect == uff4mof::Dialect::lammps_interface && potential.uff4mof.cutoff_A == 9);
  CHECK(potential.electrostatics.charges == electrostatics::Charges::given);
  CHECK(potential.electrostatics.method == electrostatics::Method::dsf);
  CHECK(potential.electrostatics.cutoff_A == 8 && potential.electrostatics.relative_accuracy == 1e-4);
  CHECK(potential.electrostatics.damping_per_A == 0.1 && potential.share_topology);
  CHECK(session.asked.structures[1].charges.size() == 10 && session.asked.structures[1].charges[0] == 0.05);
  CHECK(session.asked.memory_limit == 1'000'000);

  session.kernel.send(evaluate_header("plain"), structure_arrays(two()));
  CHECK(session.kernel.receive_type() == "evaluate_result");
  CHECK(!session.asked.memory_limit && !session.asked.potential.share_topology);
  CHECK(session.asked.structures[0].charges.empty());
}

TEST(a_topology_reaches_the_engine_with_the_atoms_of_the_first_structure) {
  Recorded session;
  const std::vector<Structure> one{make_methane_crystal()};
  std::vector<double> positions;
  for (const auto& position : one[0].positions)
    for (const double x : position) positions.push_back(x + 0.25);
  std::vector<double> cell;
  for (const auto& row : one[0].cell)
    for (const double x : row) cell.push_back(2 * x);
  json::Object header = evaluate_header("t");
  header.push_back({"topology", true});
  const std::vector<Array> half = plus(structure_arrays(one), "topology_cell", cell, {1, 3, 3});
  for (const std::vector<Array>& incomplete : {structure_arrays(one), half}) {
    session.kernel.send(header, incomplete);
    CHECK(session.kernel.receive_type() == "error");
  }
  session.kernel.send(header, plus(half, "topology_positions", positions, {one[0].positions.size(), 3}));
  CHECK(session.kernel.receive_type() == "evaluate_result");
  const std::optional<Structure>& topology = session.asked.potential.topology;
  CHECK(topology.has_value() && topology->atomic_numbers == one[0].atomic_numbers && topology->pbc == one[0].pbc);
  CHECK(topology->positions[0][0] == one[0].positions[0][0] + 0.25 && topology->cell[2][2] == 2 * one[0].cell[2][2]);
}

TEST(every_field_of_a_relaxation_reaches_the_engine) {
  Recorded session;
  const std::string path = (std::filesystem::temp_directory_path() / "run.checkpoint").string();
  json::Object header = replaced(relax_header("r", 0.01, 7, "isotropic", 2), "optimizer", "MDMin");
  header.push_back({"deadline_seconds", 60});
  header.push_back({"checkpoint", checkpoint_at(path)});
  std::vector<std::uint8_t> fixed(15);
  fixed[4] = 1;
  session.kernel.send(header, plus_flags(plus(structure_arrays(two()), "pressures_eV_A3", {0.5, -0.5}), fixed));
  CHECK(session.kernel.receive_type() == "relax_result");
  const RelaxOptions& options = session.asked.relax;
  CHECK(options.optimizer == Optimizer::mdmin && options.cell_mode == CellMode::isotropic);
  CHECK(options.max_steps == 7 && options.frame_interval == 2 && options.fmax_eV_A == 0.01);
  CHECK((options.pressures_eV_A3 == std::vector<double>{0.5, -0.5}) && options.fixed_atoms == fixed);
  CHECK(session.asked.checkpoint.path == path && session.asked.checkpoint.resume);
  CHECK(session.asked.checkpoint.interval_steps == 100 && session.asked.checkpoint.interval_seconds == 2.5);
  CHECK(session.asked.seconds_left && *session.asked.seconds_left > 0 && *session.asked.seconds_left <= 60);

  session.kernel.send(replaced(relax_header("b", 0.01, 7, "full", 2), "optimizer", "BFGS"), structure_arrays(two()));
  CHECK(session.kernel.receive_type() == "relax_result");
  CHECK(session.asked.relax.optimizer == Optimizer::bfgs && session.asked.relax.fixed_atoms.empty());
  CHECK((session.asked.relax.pressures_eV_A3 == std::vector<double>{0, 0}));
  CHECK(session.asked.checkpoint.path.empty() && !session.asked.seconds_left);
}

std::vector<Array> plus_whole_numbers(std::vector<Array> arrays, const char* name,
                                      const std::vector<std::int32_t>& values, std::vector<std::size_t> shape) {
  arrays.push_back(Array::make<std::int32_t>(name, std::move(shape), std::span(values)));
  return arrays;
}

TEST(symmetry_operations_reach_the_engine_with_their_structures) {
  Recorded session;
  // Methane has none, its crystal two.
  const std::vector<std::int32_t> rotations{1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0, 0, -1, 0, 0, 0, 2};
  std::vector<std::int32_t> permutations;
  for (std::int32_t i = 0; i < 20; ++i) permutations.push_back(i % 10);
  const auto counted = plus_whole_numbers(structure_arrays(two()), "symmetry_counts", {0, 2}, {2});
  const auto rotated = plus_whole_numbers(counted, "symmetry_rotations", rotations, {2, 3, 3});
  const auto whole = plus_whole_numbers(rotated, "symmetry_permutations", permutations, {20});
  session.kernel.send(relax_header("r", 0.01, 7, "full", 0), whole);
  CHECK(session.kernel.receive_type() == "relax_result");
  const auto& symmetry = session.asked.relax.symmetry;
  CHECK(symmetry.size() == 2 && symmetry[0].empty() && symmetry[1].size() == 2);
  CHECK(symmetry[1][1].rotation[8] == 2 && symmetry[1][0].permutation[9] == 9);

  permutations.pop_back();
  const auto short_of_one = plus_whole_numbers(rotated, "symmetry_permutations", permutations, {19});
  const auto negative = plus_whole_numbers(structure_arrays(two()), "symmetry_counts", {0, -2}, {2});
  for (const std::vector<Array>& incomplete : {counted, rotated, short_of_one, negative}) {
    session.kernel.send(relax_header("bad", 0.01, 7, "full", 0), incomplete);
    CHECK(session.kernel.receive_type() == "error");
  }
}

TEST(every_field_of_a_dynamics_run_reaches_the_engine_and_samples_come_back) {
  Recorded session;
  json::Object header = md_header("m");
  header.push_back({"friction_per_fs", 0.02});
  header.push_back({"thermostat_time_fs", 50});
  header.push_back({"barostat_time_fs", 500});
  header.push_back({"chain_length", 4});
  const std::string path = (std::filesystem::temp_directory_path() / "run.extxyz").string();
  header.push_back(
      {"trajectories",
       json::Array{json::Object{{"structure", 1}, {"format", "binary"}, {"path", path}, {"interval_steps", 50}}}});
  std::vector<double> velocities(45);
  velocities[44] = 0.125;
  std::vector<Array> arrays = plus(structure_arrays(two()), "temperatures_k", {100, 400});
  arrays = plus(plus(arrays, "velocities", velocities, {15, 3}), "masses", std::vector<double>(15, 2.5));
  session.kernel.send(header, arrays);

  const Frame plain = session.kernel.receive();
  CHECK(plain.header.at("type").text() == "md_sample" && plain.arrays.empty());
  CHECK(plain.header.at("structure").integer() == 1 && plain.header.at("step").integer() == 1LL << 40);
  CHECK(plain.header.at("pressure_eV_A3").is_null() && plain.header.at("time_fs").number() == 2.5);
  const Frame full = session.kernel.receive();
  CHECK(full.header.at("pressure_eV_A3").number() == 0.25);
  for (const char* name : {"positions", "velocities", "forces"})
    CHECK((array_of(full, name).shape == std::vector<std::size_t>{10, 3}));
  CHECK((array_of(full, "cell").shape == std::vector<std::size_t>{3, 3}));
  const Frame result = session.kernel.receive();
  CHECK(result.header.at("type").text() == "md_result" && result.header.at("resumed_from_step").integer() == 4);
  CHECK(result.header.at("structures").at(1).at("end_state").text() == "diverged");
  CHECK(result.header.at("structures").at(0).at("n_degrees_of_freedom").integer() == 3);
  CHECK((array_of(result, "velocities").shape == std::vector<std::size_t>{15, 3}));
  CHECK((array_of(result, "cells").shape == std::vector<std::size_t>{2, 3, 3}));
  CHECK((array_of(result, "energies").rows<double>() == std::vector<double>{1, 2}));

  const MdOptions& options = session.asked.md;
  CHECK(options.ensemble == Ensemble::npt_full && options.timestep_fs == 0.5 && options.n_steps == 1LL << 40);
  CHECK((options.temperatures_k == std::vector<double>{100, 400}));
  CHECK((options.pressures_eV_A3 == std::vector<double>{1e-6, 1e-6}));
  CHECK(options.friction_per_fs == 0.02 && options.thermostat_time_fs == 50 && options.barostat_time_fs == 500);
  CHECK(options.chain_length == 4 && options.seed == 12345678901);
  CHECK(options.sample_interval == 10 && options.frame_interval == 100 && options.velocities[14][2] == 0.125);
  CHECK(options.masses.size() == 15 && options.fixed_atoms.empty());
  CHECK(options.trajectories.size() == 1 && options.trajectories[0].structure == 1);
  CHECK(options.trajectories[0].format == TrajectoryFormat::binary && options.trajectories[0].path == path);
  CHECK(options.trajectories[0].interval_steps == 50);
}

TEST(force_constants_report_progress_and_the_rows_that_are_done) {
  Recorded session;
  session.kernel.send(force_constants_header("f"), displacement_arrays({4, 0}, {{{0, 0, 2}}, {{1, 1, 0}}}));
  const Frame progress = session.kernel.receive();
  CHECK(progress.header.at("type").text() == "progress");
  CHECK(progress.header.at("n_done").integer() == 1 && progress.header.at("n_total").integer() == 2);
  const Frame result = session.kernel.receive();
  CHECK(result.header.at("type").text() == "force_constants_result");
  CHECK(result.header.at("stop").text() == "deadline" && result.header.at("n_finished").integer() == 1);
  CHECK((array_of(result, "force_constants").shape == std::vector<std::size_t>{1, 5, 3}));
  CHECK((array_of(result, "forces").shape == std::vector<std::size_t>{5, 3}));
  CHECK((session.asked.force_constants.atoms == std::vector<int>{4, 0}));
  CHECK(session.asked.force_constants.directions[0][2] == 2);
}

TEST(every_field_of_insertions_reaches_the_engine_and_a_mean_over_nothing_is_null) {
  Recorded session;
  session.kernel.send(insertions_header("i", {{"mode", "random"}, {"n_insertions", 1'000'000}}),
                      structure_arrays({make_methane_crystal()}));
  const Frame progress = session.kernel.receive();
  CHECK(progress.header.at("n_done").integer() == 3 && progress.header.at("n_total").integer() == 1'000'000);
  const Frame random = session.kernel.receive();
  CHECK(random.header.at("mean_energy_eV").is_null() && random.header.at("boltzmann_standard_error").is_number());
  CHECK((array_of(random, "lowest_sites").shape == std::vector<std::size_t>{1, 2, 3}) && random.arrays.size() == 3);
  const InsertionOptions& options = session.asked.insertions;
  CHECK(options.adsorbate.name == "CO2" && options.adsorbate.sites.size() == 2);
  CHECK(options.adsorbate.sites[1].charge_e == 0.7 && options.adsorbate.sites[0].position[2] == -0.35);
  CHECK(options.cutoff_A == 12 && options.tail_correction && options.seed == 5 && options.n_lowest == 3);
  CHECK(options.mode == InsertionMode::random && options.n_insertions == 1'000'000);

  session.kernel.send(insertions_header("g", {{"mode", "grid"}, {"spacing_A", 0.5}, {"n_orientations", 8}}),
                      structure_arrays({make_methane_crystal()}));
  // 5.2, 5.67 and 6.18 A in steps of at most half an angstrom, eight orientations each.
  CHECK(session.kernel.receive().header.at("n_total").integer() == 11 * 12 * 13 * 8);
  const Frame grid = session.kernel.receive();
  CHECK(grid.header.at("boltzmann_standard_error").is_null());
  CHECK((array_of(grid, "grid_minimum_eV").shape == std::vector<std::size_t>{1, 2, 3}));
  CHECK(array_of(grid, "grid_free_energy_eV").dtype == Dtype::f32);
  CHECK(session.asked.insertions.spacing_A == 0.5 && session.asked.insertions.n_orientations == 8);
  CHECK(!session.asked.insertions.relax_lowest);

  json::Object relaxing = insertions_header("r", {{"mode", "grid"}, {"spacing_A", 0.5}, {"n_orientations", 8}});
  relaxing.push_back({"relax_lowest", true});
  session.kernel.send(std::move(relaxing), structure_arrays({make_methane_crystal()}));
  session.kernel.receive();
  CHECK((array_of(session.kernel.receive(), "lowest_forces").shape == std::vector<std::size_t>{1}));
  CHECK(session.asked.insertions.relax_lowest);
}

TEST(a_wrong_field_of_a_run_is_refused_by_name) {
  Recorded session;
  const auto is_refused = [&](json::Object header, std::span<const Array> arrays, const std::string& word) {
    session.kernel.send(std::move(header), arrays);
    const Frame answer = session.kernel.receive();
    const bool is_error = answer.header.at("type").text() == "error" &&
                          answer.header.at("code").text() == "bad_request" && answer.header.at("id").text() == "x";
    const bool names_it = is_error && answer.header.at("message").text().find(word) != std::string::npos;
    if (is_error && !names_it) std::printf("  %s: %s\n", word.c_str(), answer.header.at("message").text().c_str());
    return names_it;
  };
  const auto arrays = structure_arrays(two());
  const json::Object md = md_header("x");
  for (const auto& [key, value] : std::vector<std::pair<std::string, json::Value>>{{"ensemble", "npt"},
                                                                                   {"timestep_fs", 0},
                                                                                   {"timestep_fs", 101},
                                                                                   {"n_steps", -1},
                                                                                   {"n_steps", 1.5},
                                                                                   {"temperature_k", -1},
                                                                                   {"pressure_eV_A3", "0"},
                                                                                   {"seed", -1},
                                                                                   {"sample_interval", 0},
                                                                                   {"frame_interval", -1}}) {
    CHECK(is_refused(replaced(md, key, value), arrays, key == "ensemble" ? "npt_isotropic" : key));
  }
  for (const auto& [key, value] : std::vector<std::pair<std::string, json::Value>>{{"friction_per_fs", 0},
                                                                                   {"thermostat_time_fs", -1},
                                                                                   {"barostat_time_fs", "1"},
                                                                                   {"chain_length", 11},
                                                                                   {"deadline_seconds", 0},
                                                                                   {"memory_limit_bytes", 0},
                                                                                   {"share_topology", 1},
                                                                                   {"topology", 1},
                                                                                   {"thermostat", true},
                                                                                   {"trajectories", json::Object{}},
                                                                                   {"checkpoint", "file"}}) {
    CHECK(is_refused(with(md, key, value), arrays, key == "trajectories" ? "object" : key));
  }
  json::Object relative = checkpoint_at("run.checkpoint");
  CHECK(is_refused(with(md, "checkpoint", relative), arrays, "absolute"));
  CHECK(is_refused(with(md, "checkpoint", checkpoint_at(std::string("/tmp/a\0b", 8))), arrays, "zero byte"));
  CHECK(is_refused(with(md, "checkpoint", json::Object{{"path", "/tmp/x"}}), arrays, "interval_steps"));
  const json::Object good{{"structure", 1}, {"format", "extxyz"}, {"path", "/tmp/a"}, {"interval_steps", 1}};
  const auto trajectory = [&](const char* key, json::Value value) {
    return with(md, "trajectories", json::Array{replaced(good, key, std::move(value))});
  };
  CHECK(is_refused(trajectory("structure", 2), arrays, "structure"));
  CHECK(is_refused(trajectory("format", "xyz"), arrays, "extxyz"));
  CHECK(is_refused(trajectory("path", "a.extxyz"), arrays, "absolute"));
  CHECK(is_refused(trajectory("interval_steps", 0), arrays, "interval_steps"));
  CHECK(is_refused(with(md, "trajectories", json::Array{good, good}), arrays, "same path"));
  CHECK(is_refused(md, plus(arrays, "temperatures_k", {300}), "temperatures_k"));
  CHECK(is_refused(md, plus(arrays, "temperatures_k", {300, -1}), "temperatures_k"));
  CHECK(is_refused(md, plus(arrays, "masses", std::vector<double>(15, 0)), "masses"));
  CHECK(is_refused(md, plus(arrays, "velocities", std::vector<double>(45, std::nan("")), {15, 3}), "velocities"));
  CHECK(is_refused(md, plus_flags(arrays, std::vector<std::uint8_t>(15, 2)), "fixed_atoms"));
  CHECK(is_refused(md, plus_flags(arrays, std::vector<std::uint8_t>(14, 0)), "fixed_atoms"));
  CHECK(is_refused(md, plus(arrays, "charges", std::vector<double>(15)), "charges"));
  CHECK(is_refused(relax_header("x", 1, 1, "full", 0), plus(arrays, "velocities", std::vector<double>(45), {15, 3}),
                   "velocities"));

  const json::Object fc = force_constants_header("x");
  CHECK(is_refused(replaced(fc, "displacement_A", 0.6), displacement_arrays({0}, {{{1, 0, 0}}}), "displacement_A"));
  CHECK(is_refused(fc, displacement_arrays({5}, {{{1, 0, 0}}}), "displaced_atoms"));
  CHECK(is_refused(fc, displacement_arrays({-1}, {{{1, 0, 0}}}), "displaced_atoms"));
  CHECK(is_refused(fc, displacement_arrays({0}, {{{0, 0, 0}}}), "directions"));
  CHECK(is_refused(fc, displacement_arrays({0, 1}, {{{1, 0, 0}}}), "directions"));
  CHECK(is_refused(fc, displacement_arrays({}, {}), "displaced_atoms"));
  CHECK(is_refused(fc, arrays, "one structure"));

  const auto crystal = structure_arrays({make_methane_crystal()});
  const json::Object random{{"mode", "random"}, {"n_insertions", 10}};
  CHECK(is_refused(insertions_header("x", {{"mode", "lattice"}}), crystal, "random, grid"));
  CHECK(is_refused(insertions_header("x", {{"mode", "random"}, {"n_insertions", 0}}), crystal, "n_insertions"));
  CHECK(is_refused(insertions_header("x", with(random, "spacing_A", 0.2)), crystal, "spacing_A"));
  CHECK(is_refused(replaced(insertions_header("x", random), "temperature_k", 0), crystal, "temperature_k"));
  CHECK(is_refused(replaced(insertions_header("x", random), "n_lowest", 10'001), crystal, "n_lowest"));
  CHECK(is_refused(replaced(insertions_header("x", random), "adsorbate",
                            json::Object{{"name", "nothing"}, {"sites", json::Array{}}}),
                   crystal, "sites"));
  CHECK(is_refused(
      replaced(insertions_header("x", random), "adsorbate",
               json::Object{{"name", "flat"},
                            {"sites", json::Array{replaced(site("O", 0), "position_A", json::Array{0, 0})}}}),
      crystal, "position_A"));

  session.kernel.send(md, arrays);
  CHECK(session.kernel.receive_type() == "md_sample");
}

TEST(a_deadline_ends_a_relaxation_with_its_state) {
  Conversation kernel;
  (void)kernel.receive();
  kernel.send(with(endless_header("late"), "deadline_seconds", 0.05), structure_arrays({make_methane()}));
  Frame frame = kernel.receive();
  while (frame.header.at("type").text() == "step") frame = kernel.receive();
  CHECK(frame.header.at("type").text() == "relax_result");
  CHECK(frame.header.at("structures").at(0).at("end_state").text() == "deadline");
  CHECK((array_of(frame, "positions").shape == std::vector<std::size_t>{5, 3}));
}

TEST(mutated_runs_are_answered_or_refused) {
  std::mt19937 random(23);
  const std::vector<std::vector<std::byte>> good{
      encode_frame(md_header("x"), plus(structure_arrays(two()), "masses", std::vector<double>(15, 1))),
      encode_frame(force_constants_header("x"), displacement_arrays({0, 3}, {{{1, 0, 0}}, {{0, 1, 0}}})),
      encode_frame(insertions_header("x", {{"mode", "grid"}, {"spacing_A", 0.5}, {"n_orientations", 8}}),
                   structure_arrays({make_methane_crystal()}))};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> bytes = good[static_cast<std::size_t>(round) % good.size()];
    const auto header_end =
        static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), std::byte{'\n'}) - bytes.begin());
    const std::size_t range = round % 2 == 0 ? header_end : bytes.size();
    for (unsigned i = 0; i <= random() % 3; ++i) {
      bytes[random() % range] =
          round % 5 == 0 ? static_cast<std::byte>(random() & 0xFFU) : static_cast<std::byte>('0' + random() % 10);
    }
    Recorded session;
    session.kernel.send(bytes);
    const int exit_code = session.kernel.finish();
    CHECK(exit_code == kExitOk || exit_code == kExitBadInput);
  }
}

}  // namespace mofkernel::protocol
