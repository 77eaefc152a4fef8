#include "protocol/run_requests.hpp"

#include <algorithm>
#include <limits>

#include "protocol/calculation.hpp"
#include "protocol/symmetry_arrays.hpp"

namespace mofkernel::protocol {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Bounds kPositive{.least = 0, .most = kInfinity, .excludes_least = true};
constexpr Bounds kNotNegative{0, kInfinity};
constexpr Bounds kTimestep_fs{.least = 0, .most = 100, .excludes_least = true};
constexpr Bounds kDisplacement_A{.least = 0, .most = 0.5, .excludes_least = true};
constexpr Bounds kInsertionCutoff_A{2, 40};
constexpr Bounds kGridSpacing_A{0.02, 5};
/// A hundred years, so that adding it to the clock cannot overflow.
constexpr Bounds kDeadline_seconds{.least = 0, .most = 3.2e9, .excludes_least = true};
constexpr int kLongestChain = 10;
constexpr int kMostOrientations = 10'000;
constexpr int kMostLowest = 10'000;
constexpr std::size_t kMostTrajectories = 4096;
constexpr std::size_t kMostSites = 32;
constexpr double kMostBlockedPoints = 0x1p28;
constexpr std::size_t kLongestSiteName = 32;

CheckpointPlan parse_checkpoint(const json::Value& value) {
  Members members(value, "the checkpoint");
  CheckpointPlan plan;
  plan.path = members.path("path");
  plan.interval_steps = members.count("interval_steps");
  plan.interval_seconds = members.number("interval_seconds", kNotNegative);
  plan.resume = members.boolean("resume");
  members.finish();
  return plan;
}

RunPlan parse_run(Members& members) {
  RunPlan run;
  if (members.has("deadline_seconds")) run.deadline_seconds = members.number("deadline_seconds", kDeadline_seconds);
  if (members.has("checkpoint")) run.checkpoint = parse_checkpoint(members.at("checkpoint"));
  return run;
}

/// The array `array_name` with one value per structure, or as often the member `key`.
std::vector<double> parse_per_structure(Members& members, RequestArrays& arrays, std::string_view key, Bounds bounds,
                                        std::string_view array_name, std::size_t n) {
  const double same = members.number(key, bounds);
  if (!arrays.has(array_name)) return std::vector<double>(n, same);
  std::vector<double> values = arrays.take_numbers(array_name, n);
  if (std::any_of(values.begin(), values.end(), [&](double value) { return value < bounds.least; }))
    refuse("array \"" + std::string(array_name) + "\" has a value that is too small");
  return values;
}

std::vector<double> parse_pressures(Members& members, RequestArrays& arrays, std::size_t n) {
  return parse_per_structure(members, arrays, "pressure_eV_A3", {-kInfinity, kInfinity}, "pressures_eV_A3", n);
}

std::vector<std::uint8_t> parse_fixed_atoms(RequestArrays& arrays, std::size_t n_atoms) {
  return arrays.has("fixed_atoms") ? arrays.take_flags("fixed_atoms", n_atoms) : std::vector<std::uint8_t>{};
}

std::vector<double> parse_masses(RequestArrays& arrays, std::size_t n_atoms) {
  if (!arrays.has("masses")) return {};
  std::vector<double> masses = arrays.take_numbers("masses", n_atoms);
  if (std::any_of(masses.begin(), masses.end(), [](double mass) { return mass <= 0; }))
    refuse("array \"masses\" has a mass that is not above 0");
  return masses;
}

TrajectoryPlan parse_trajectory(const json::Value& value, std::size_t n_structures) {
  Members members(value, "a trajectory");
  TrajectoryPlan plan;
  plan.structure = members.count("structure", 0, static_cast<int>(n_structures) - 1);
  plan.format = choose<TrajectoryFormat>("format", members.text("format"),
                                         {{"extxyz", TrajectoryFormat::extxyz}, {"binary", TrajectoryFormat::binary}});
  plan.path = members.path("path");
  plan.interval_steps = members.count("interval_steps", 1);
  members.finish();
  return plan;
}

std::vector<TrajectoryPlan> parse_trajectories(Members& members, std::size_t n_structures) {
  std::vector<TrajectoryPlan> plans;
  if (!members.has("trajectories")) return plans;
  const json::Array& list = members.at("trajectories").array();
  if (list.size() > kMostTrajectories) refuse("a request has at most 4096 trajectories");
  for (const json::Value& value : list) {
    const TrajectoryPlan plan = parse_trajectory(value, n_structures);
    const auto has_path = [&](const TrajectoryPlan& other) { return other.path == plan.path; };
    if (std::any_of(plans.begin(), plans.end(), has_path)) refuse("two trajectories have the same path");
    plans.push_back(plan);
  }
  return plans;
}

void parse_thermostat(Members& members, MdOptions& options) {
  if (members.has("friction_per_fs")) options.friction_per_fs = members.number("friction_per_fs", kPositive);
  if (members.has("thermostat_time_fs")) options.thermostat_time_fs = members.number("thermostat_time_fs", kPositive);
  if (members.has("barostat_time_fs")) options.barostat_time_fs = members.number("barostat_time_fs", kPositive);
  if (members.has("chain_length")) options.chain_length = members.count("chain_length", 1, kLongestChain);
}

MdOptions parse_md_options(Members& members, RequestArrays& arrays, const Calculation& calculation) {
  const std::size_t n = calculation.structures.size();
  const std::size_t n_atoms = calculation.n_atoms();
  MdOptions options;
  options.ensemble = parse_ensemble(members.text("ensemble"));
  options.timestep_fs = members.number("timestep_fs", kTimestep_fs);
  options.n_steps = members.whole("n_steps");
  options.temperatures_k = parse_per_structure(members, arrays, "temperature_k", kNotNegative, "temperatures_k", n);
  options.pressures_eV_A3 = parse_pressures(members, arrays, n);
  parse_thermostat(members, options);
  options.seed = static_cast<std::uint64_t>(members.whole("seed"));
  if (arrays.has("velocities")) options.velocities = arrays.take_vectors("velocities", n_atoms);
  options.masses = parse_masses(arrays, n_atoms);
  options.fixed_atoms = parse_fixed_atoms(arrays, n_atoms);
  options.sample_interval = members.count("sample_interval", 1);
  options.frame_interval = members.count("frame_interval");
  options.trajectories = parse_trajectories(members, n);
  return options;
}

RelaxOptions parse_relax_options(Members& members, RequestArrays& arrays, const Calculation& calculation) {
  RelaxOptions options;
  options.optimizer = parse_optimizer(members.text("optimizer"));
  options.cell_mode = parse_cell_mode(members.text("cell_mode"));
  options.fmax_eV_A = members.number("fmax_eV_A", kPositive);
  options.max_steps = members.count("max_steps");
  options.pressures_eV_A3 = parse_pressures(members, arrays, calculation.structures.size());
  options.fixed_atoms = parse_fixed_atoms(arrays, calculation.n_atoms());
  options.symmetry = parse_symmetry(arrays, calculation.structures);
  options.frame_interval = members.count("frame_interval");
  return options;
}

ForceConstantOptions parse_displacements(Members& members, RequestArrays& arrays, std::size_t n_atoms) {
  ForceConstantOptions options;
  options.displacement_A = members.number("displacement_A", kDisplacement_A);
  options.atoms = arrays.take<std::int32_t, int>("displaced_atoms", {});
  if (options.atoms.empty()) refuse("array \"displaced_atoms\" is empty");
  const auto is_atom = [&](int i) { return i >= 0 && static_cast<std::size_t>(i) < n_atoms; };
  if (!std::all_of(options.atoms.begin(), options.atoms.end(), is_atom))
    refuse("array \"displaced_atoms\" names an atom that is not there");
  options.directions = arrays.take_vectors("directions", options.atoms.size());
  for (const auto& d : options.directions) {
    // A subnormal length would be lost when the direction is brought to length 1.
    if (!std::isnormal(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]))
      refuse("array \"directions\" has a row without length");
  }
  if (options.atoms.size() > kMaxPayloadBytes / (3 * sizeof(double)) / n_atoms)
    refuse("the force constants would be larger than the largest payload, 2 GiB; ask for fewer rows at a time");
  return options;
}

AdsorbateSite parse_site(const json::Value& value) {
  Members members(value, "a site of the adsorbate");
  AdsorbateSite site;
  site.name = members.text("name");
  if (site.name.empty() || site.name.size() > kLongestSiteName) refuse("the name of a site has 1 to 32 bytes");
  const json::Array& position = members.at("position_A").array();
  if (position.size() != site.position.size()) refuse("\"position_A\" of a site has three numbers");
  for (std::size_t axis = 0; axis < 3; ++axis) site.position[axis] = position[axis].number();
  site.epsilon_eV = members.number("epsilon_eV", kNotNegative);
  site.sigma_A = members.number("sigma_A", kNotNegative);
  site.charge_e = members.number("charge_e");
  site.mass_amu = members.number("mass_amu", kNotNegative);
  members.finish();
  return site;
}

Adsorbate parse_adsorbate(const json::Value& value) {
  Members members(value, "the adsorbate");
  Adsorbate adsorbate;
  adsorbate.name = read_id(members, "name");
  const json::Array& sites = members.at("sites").array();
  if (sites.empty() || sites.size() > kMostSites) refuse("an adsorbate has 1 to 32 sites");
  for (const json::Value& site : sites) adsorbate.sites.push_back(parse_site(site));
  members.finish();
  return adsorbate;
}

void parse_placements(const json::Value& value, InsertionOptions& options) {
  Members members(value, "the placements");
  options.mode = choose<InsertionMode>("mode", members.text("mode"),
                                       {{"random", InsertionMode::random}, {"grid", InsertionMode::grid}});
  if (options.mode == InsertionMode::random) {
    options.n_insertions = members.whole("n_insertions", 1);
  } else {
    options.spacing_A = members.number("spacing_A", kGridSpacing_A);
    options.n_orientations = members.count("n_orientations", 1, kMostOrientations);
  }
  members.finish();
}

}  // namespace

RelaxRequest parse_relax(Members& members, RequestArrays& arrays, Calculation calculation) {
  RelaxRequest request{.calculation = std::move(calculation), .run = parse_run(members), .options = {}};
  request.options = parse_relax_options(members, arrays, request.calculation);
  return request;
}

MdRequest parse_md(Members& members, RequestArrays& arrays, Calculation calculation) {
  MdRequest request{.calculation = std::move(calculation), .run = parse_run(members), .options = {}};
  request.options = parse_md_options(members, arrays, request.calculation);
  return request;
}

ForceConstantsRequest parse_force_constants(Members& members, RequestArrays& arrays, Calculation calculation) {
  require_one_structure(calculation, "force_constants");
  ForceConstantsRequest request{.calculation = std::move(calculation), .run = parse_run(members), .options = {}};
  request.options = parse_displacements(members, arrays, request.calculation.n_atoms());
  return request;
}

namespace {

/// Lennard-Jones parameters given for every atom of the framework.
void parse_host(RequestArrays& arrays, std::size_t n_atoms, InsertionOptions& options) {
  if (!arrays.has("host_epsilon_eV")) return;
  options.host_epsilon_eV = arrays.take_numbers("host_epsilon_eV", n_atoms);
  options.host_sigma_A = arrays.take_numbers("host_sigma_A", n_atoms);
  const auto is_negative = [](double x) { return x < 0; };
  if (std::any_of(options.host_epsilon_eV.begin(), options.host_epsilon_eV.end(), is_negative) ||
      std::any_of(options.host_sigma_A.begin(), options.host_sigma_A.end(), is_negative))
    refuse("Lennard-Jones parameters of the framework are not negative");
}

void parse_blocked(RequestArrays& arrays, InsertionOptions& options) {
  if (!arrays.has("blocked")) return;
  const std::vector<std::int32_t> shape = arrays.take<std::int32_t>("blocked_shape", {}, 3);
  std::copy(shape.begin(), shape.end(), options.blocked.shape.begin());
  double n_points = 1;
  for (const std::int32_t n : shape) n_points *= std::max(0, n);
  if (!(n_points >= 1 && n_points <= kMostBlockedPoints)) refuse("\"blocked_shape\" has 1 to 2^28 points");
  options.blocked.is_blocked = arrays.take_flags("blocked", static_cast<std::size_t>(n_points));
}

}  // namespace

InsertionsRequest parse_insertions(Members& members, RequestArrays& arrays, Calculation calculation) {
  require_one_structure(calculation, "insertions");
  require_bonds(calculation, "insertions");
  InsertionsRequest request{.calculation = std::move(calculation), .run = parse_run(members), .options = {}};
  InsertionOptions& options = request.options;
  options.adsorbate = parse_adsorbate(members.at("adsorbate"));
  options.cutoff_A = members.number("cutoff_A", kInsertionCutoff_A);
  if (members.has("is_shifted")) options.is_shifted = members.boolean("is_shifted");
  options.tail_correction = members.boolean("tail_correction");
  options.temperature_k = members.number("temperature_k", kPositive);
  options.seed = static_cast<std::uint64_t>(members.whole("seed"));
  parse_placements(members.at("placements"), options);
  options.n_lowest = members.count("n_lowest", 0, kMostLowest);
  if (members.has("relax_lowest")) options.relax_lowest = members.boolean("relax_lowest");
  parse_host(arrays, request.calculation.n_atoms(), options);
  parse_blocked(arrays, options);
  return request;
}

Optimizer parse_optimizer(const std::string& name) {
  return choose<Optimizer>(
      "optimizer", name,
      {{"LBFGS", Optimizer::lbfgs}, {"BFGS", Optimizer::bfgs}, {"FIRE", Optimizer::fire}, {"MDMin", Optimizer::mdmin}});
}

CellMode parse_cell_mode(const std::string& name) {
  return choose<CellMode>("cell_mode", name,
                          {{"fixed", CellMode::fixed}, {"isotropic", CellMode::isotropic}, {"full", CellMode::full}});
}

Ensemble parse_ensemble(const std::string& name) {
  return choose<Ensemble>("ensemble", name,
                          {{"nve", Ensemble::nve},
                           {"nvt_langevin", Ensemble::nvt_langevin},
                           {"nvt_nose_hoover", Ensemble::nvt_nose_hoover},
                           {"npt_isotropic", Ensemble::npt_isotropic},
                           {"npt_full", Ensemble::npt_full}});
}

}  // namespace mofkernel::protocol
