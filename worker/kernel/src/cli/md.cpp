// Molecular dynamics of one structure by hand: samples as lines of JSON, a trajectory and a checkpoint as files.
#include <optional>

#include "cli/command_line.hpp"
#include "cli/run_options.hpp"
#include "cli/run_report.hpp"
#include "cli/stop_signal.hpp"
#include "errors.hpp"
#include "protocol/requests.hpp"
#include "protocol/run_answers.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

constexpr double kRoomTemperature_k = 300;
constexpr int kUsualInterval = 100;

void replace_if_given(double& value, const std::optional<double>& given) {
  if (given) value = *given;
}

std::optional<TrajectoryPlan> take_trajectory(Arguments& arguments) {
  const auto path = arguments.take_option("--trajectory");
  const auto interval = arguments.take_count("--trajectory-every");
  if (!path) {
    if (interval) throw KernelError(ErrorCode::bad_request, "--trajectory-every needs --trajectory FILE");
    return std::nullopt;
  }
  const bool is_binary = path->ends_with(".mofj");
  if (!is_binary && !path->ends_with(".extxyz") && !path->ends_with(".xyz"))
    throw KernelError(ErrorCode::bad_request, "--trajectory takes a file name that ends in .extxyz or .mofj");
  return TrajectoryPlan{.structure = 0,
                        .format = is_binary ? TrajectoryFormat::binary : TrajectoryFormat::extxyz,
                        .path = *path,
                        .interval_steps = interval.value_or(kUsualInterval)};
}

MdOptions take_md_options(Arguments& arguments) {
  MdOptions options;
  if (const auto ensemble = arguments.take_option("--ensemble")) options.ensemble = protocol::parse_ensemble(*ensemble);
  const auto n_steps = arguments.take_whole("--steps", 0);
  if (!n_steps) throw KernelError(ErrorCode::bad_request, "say with --steps N how long");
  options.n_steps = *n_steps;
  options.temperatures_k = {arguments.take_number("--temperature").value_or(kRoomTemperature_k)};
  options.pressures_eV_A3 = take_pressure(arguments);
  replace_if_given(options.timestep_fs, arguments.take_number("--timestep"));
  replace_if_given(options.friction_per_fs, arguments.take_number("--friction"));
  replace_if_given(options.thermostat_time_fs, arguments.take_number("--thermostat-time"));
  replace_if_given(options.barostat_time_fs, arguments.take_number("--barostat-time"));
  options.seed = static_cast<std::uint64_t>(arguments.take_whole("--seed", 0).value_or(0));
  options.sample_interval = arguments.take_count("--sample").value_or(kUsualInterval);
  if (const auto trajectory = take_trajectory(arguments)) options.trajectories = {*trajectory};
  check_positive("--timestep", options.timestep_fs);
  check_positive("--friction", options.friction_per_fs);
  check_positive("--thermostat-time", options.thermostat_time_fs);
  check_positive("--barostat-time", options.barostat_time_fs);
  if (!(options.temperatures_k.front() >= 0))
    throw KernelError(ErrorCode::bad_request, "--temperature must not be negative");
  return options;
}

int exit_code(MdEndState state) {
  switch (state) {
    case MdEndState::completed:
      return protocol::kExitOk;
    case MdEndState::diverged:
      return protocol::kExitFailed;
    case MdEndState::cancelled:
      return kExitInterrupted;
    case MdEndState::deadline:
      return kExitDeadline;
  }
  return protocol::kExitFailed;
}

}  // namespace

int run_md(std::span<const std::string> words) {
  Arguments arguments(words);
  const MdOptions options = take_md_options(arguments);
  const RunOptions run = take_run(arguments);
  arguments.finish();
  check_free(run, run.control.checkpoint.path);
  for (const TrajectoryPlan& trajectory : options.trajectories) check_free(run, trajectory.path);

  watch_stop_signals();
  const auto engine = make_engine(run.device, run.precision);
  const RunTimer timer;
  const MdResult result =
      engine->run_md(std::span(&run.structure, 1), run.potential, options, run.control,
                     [](const MdSample& sample) { print_line(named("md_sample", protocol::members_of(sample))); });
  const MdOutcome& outcome = result.outcomes.front();
  RunTime time = timer.elapsed(outcome.steps - result.resumed_from_step, run.structure.n_atoms());
  time.seconds_of_steps = result.seconds_of_steps;

  json::Object summary = named("md_summary", protocol::members_of(outcome));
  summary.push_back({"resumed_from_step", result.resumed_from_step});
  summary.push_back({"potential_energy_eV", result.energies.front()});
  summary.push_back({"seconds_of_steps", result.seconds_of_steps});
  summary.push_back({"n_list_builds", result.n_list_builds});
  append_time(summary, time);
  print_line(summary);
  print_warnings(result.warnings);
  return exit_code(outcome.end_state);
}

}  // namespace mofkernel::cli
