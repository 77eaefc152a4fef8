// Relaxation of one structure by hand: steps as lines of JSON, the relaxed structure and a checkpoint as files.
#include <optional>

#include "cli/command_line.hpp"
#include "cli/run_options.hpp"
#include "cli/run_report.hpp"
#include "cli/stop_signal.hpp"
#include "errors.hpp"
#include "files/file_system.hpp"
#include "geometry/element_symbols.hpp"
#include "protocol/requests.hpp"
#include "protocol/run_answers.hpp"
#include "protocol/session.hpp"
#include "trajectory/extxyz_text.hpp"

namespace mofkernel::cli {
namespace {

struct RelaxCommand {
  RelaxOptions options;
  bool names_cell_mode = false;
  int sample_interval = 1;
  std::filesystem::path out;
};

bool is_periodic(const Structure& structure) { return structure.pbc[0] && structure.pbc[1] && structure.pbc[2]; }

RelaxCommand take_relax_command(Arguments& arguments) {
  RelaxCommand command;
  RelaxOptions& options = command.options;
  if (const auto name = arguments.take_option("--optimizer")) options.optimizer = protocol::parse_optimizer(*name);
  const auto cell_mode = arguments.take_option("--cell");
  if (cell_mode) options.cell_mode = protocol::parse_cell_mode(*cell_mode);
  command.names_cell_mode = cell_mode.has_value();
  options.fmax_eV_A = arguments.take_number("--fmax").value_or(options.fmax_eV_A);
  check_positive("--fmax", options.fmax_eV_A);
  options.max_steps = static_cast<int>(arguments.take_whole("--max-steps", 0).value_or(options.max_steps));
  options.pressures_eV_A3 = take_pressure(arguments);
  command.sample_interval = arguments.take_count("--sample").value_or(1);
  if (const auto out = arguments.take_option("--out")) command.out = *out;
  return command;
}

/// One frame of extended XYZ with every digit, and the charges that the structure came with. Its stress is ASE's:
/// positive = tensile, without a kinetic part.
void write_relaxed(const std::filesystem::path& path, const RelaxResult& result, const std::vector<double>& charges) {
  const Structure& structure = result.structures.front();
  std::string text = std::to_string(structure.n_atoms()) + "\n";
  append_lattice(text, structure.cell, structure.pbc);
  text.append("Properties=species:S:1:pos:R:3:forces:R:3");
  if (!charges.empty()) text.append(":initial_charges:R:1");
  append_key(text, "energy", result.evaluation.energies.front());
  if (is_periodic(structure)) append_stress(text, result.evaluation.stress.front());
  append_pbc(text, structure.pbc);
  text.push_back('\n');
  for (std::size_t i = 0; i < structure.positions.size(); ++i) {
    text.append(symbol_of(structure.atomic_numbers[i]));
    append_columns(text, structure.positions[i]);
    append_columns(text, result.evaluation.forces[i]);
    if (!charges.empty()) append_exact(text.append(" "), charges[i]);
    text.push_back('\n');
  }
  replace_file(path, std::as_bytes(std::span(text)));
}

int exit_code(RelaxEndState state) {
  switch (state) {
    case RelaxEndState::converged:
    case RelaxEndState::max_steps:
      return protocol::kExitOk;
    case RelaxEndState::diverged:
      return protocol::kExitFailed;
    case RelaxEndState::cancelled:
      return kExitInterrupted;
    case RelaxEndState::deadline:
      return kExitDeadline;
  }
  return protocol::kExitFailed;
}

}  // namespace

int run_relax(std::span<const std::string> words) {
  Arguments arguments(words);
  RelaxCommand command = take_relax_command(arguments);
  const RunOptions run = take_run(arguments);
  arguments.finish();
  if (!command.names_cell_mode && !is_periodic(run.structure)) command.options.cell_mode = CellMode::fixed;
  check_free(run, run.control.checkpoint.path);
  check_free(run, command.out);

  watch_stop_signals();
  const auto engine = make_engine(run.device, run.precision);
  const RunTimer timer;
  std::optional<int> first_step;
  const auto on_step = [&](const RelaxStep& step) {
    if (!first_step) first_step = step.step;
    if (step.step % command.sample_interval == 0) print_line(named("step", protocol::members_of(step)));
  };
  const RelaxResult result =
      engine->relax(std::span(&run.structure, 1), run.potential, command.options, run.control, on_step);
  const RelaxOutcome& outcome = result.outcomes.front();
  const RunTime time = timer.elapsed(outcome.steps - first_step.value_or(outcome.steps), run.structure.n_atoms());
  if (!command.out.empty()) write_relaxed(command.out, result, run.structure.charges);

  json::Object summary = named("relax_summary", protocol::members_of(outcome));
  summary.push_back({"energy_eV", result.evaluation.energies.front()});
  append_time(summary, time);
  print_line(summary);
  print_warnings(result.evaluation.warnings);
  return exit_code(outcome.end_state);
}

}  // namespace mofkernel::cli
