#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>

#include "cli/command_line.hpp"
#include "cli/extxyz.hpp"
#include "cli/potential_options.hpp"
#include "cli/run_options.hpp"
#include "cli/run_report.hpp"
#include "engine/engine.hpp"
#include "protocol/json.hpp"
#include "protocol/requests.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

struct EvaluateOptions {
  std::string path;
  PotentialSpec potential;
  std::string device = "cpu";
  Precision precision = Precision::float64;
  int n_repeats = 0;
  bool wants_json = false;
};

/// Time of one evaluation of energy and forces divided by the number of atoms.
struct Timing {
  int n_repeats = 0;
  double min_ns_per_atom = 0;
  double median_ns_per_atom = 0;
  double mean_ns_per_atom = 0;
};

EvaluateOptions parse_options(std::span<const std::string> words) {
  Arguments arguments(words);
  EvaluateOptions options;
  options.wants_json = arguments.take_flag("--json");
  options.potential = take_potential(arguments);
  if (const auto precision = arguments.take_option("--precision"))
    options.precision = protocol::parse_precision(*precision);
  if (const auto device = arguments.take_option("--device")) options.device = *device;
  protocol::check_device_name(options.device);
  take_threads(arguments);
  options.n_repeats = arguments.take_count("--repeat").value_or(0);
  const auto path = arguments.take_word();
  arguments.finish();
  if (!path) throw KernelError(ErrorCode::bad_request, "no file is named; see: mofkernel --help");
  options.path = *path;
  return options;
}

bool is_periodic(const Structure& structure) { return structure.pbc[0] && structure.pbc[1] && structure.pbc[2]; }

Timing time_evaluations(Engine& engine, std::span<const Structure> structure, const EvaluateOptions& options) {
  std::vector<double> ns_per_atom;
  for (int i = 0; i < options.n_repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    (void)engine.evaluate(structure, options.potential, {.forces = true, .stress = false, .per_atom = false});
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
    ns_per_atom.push_back(elapsed.count() / structure.front().n_atoms());
  }
  std::sort(ns_per_atom.begin(), ns_per_atom.end());
  const double sum = std::accumulate(ns_per_atom.begin(), ns_per_atom.end(), 0.0);
  return {options.n_repeats, ns_per_atom.front(), ns_per_atom[ns_per_atom.size() / 2], sum / options.n_repeats};
}

void print_json(const Structure& structure, const Evaluation& evaluation, const std::optional<Timing>& timing) {
  json::Object components;
  for (std::size_t i = 0; i < evaluation.component_names.size(); ++i) {
    components.push_back({evaluation.component_names[i], evaluation.energy_components[i]});
  }
  json::Array forces;
  for (const auto& force : evaluation.forces) forces.emplace_back(json::Array(force.begin(), force.end()));
  json::Value stress(nullptr);
  if (!evaluation.stress.empty()) {
    json::Array stress_rows;
    const auto& values = evaluation.stress.front();
    for (std::size_t row = 0; row < 3; ++row)
      stress_rows.emplace_back(json::Array{values[3 * row], values[3 * row + 1], values[3 * row + 2]});
    stress = std::move(stress_rows);
  }
  json::Object answer{{"n_atoms", structure.n_atoms()},
                      {"energy_eV", evaluation.energies.front()},
                      {"energy_components_eV", std::move(components)},
                      {"forces_eV_A", std::move(forces)},
                      {"stress_eV_A3", std::move(stress)},
                      {"warnings", json::Array(evaluation.warnings.begin(), evaluation.warnings.end())}};
  if (timing) {
    answer.push_back({"timing", json::Object{{"n_repeats", timing->n_repeats},
                                             {"min_ns_per_atom", timing->min_ns_per_atom},
                                             {"median_ns_per_atom", timing->median_ns_per_atom},
                                             {"mean_ns_per_atom", timing->mean_ns_per_atom}}});
  }
  std::printf("%s\n", json::write(answer).c_str());
}

void print_text(const Structure& structure, const Evaluation& evaluation, const std::optional<Timing>& timing) {
  std::printf("atoms       %d\n", structure.n_atoms());
  std::printf("energy      %.10g eV\n", evaluation.energies.front());
  for (std::size_t i = 0; i < evaluation.component_names.size(); ++i) {
    std::printf("  %-16s %.10g eV\n", evaluation.component_names[i].c_str(), evaluation.energy_components[i]);
  }
  double max_force_squared = 0;
  for (const auto& f : evaluation.forces)
    max_force_squared = std::max(max_force_squared, f[0] * f[0] + f[1] * f[1] + f[2] * f[2]);
  std::printf("max force   %.10g eV/A\n", std::sqrt(max_force_squared));
  if (!evaluation.stress.empty()) {
    const auto& s = evaluation.stress.front();
    std::printf("stress      %.6g %.6g %.6g %.6g %.6g %.6g eV/A^3 (xx yy zz yz xz xy)\n", s[0], s[4], s[8], s[5], s[2],
                s[1]);
  }
  if (timing) {
    std::printf("time        min %.1f, median %.1f, mean %.1f ns/atom over %d evaluations of energy and forces\n",
                timing->min_ns_per_atom, timing->median_ns_per_atom, timing->mean_ns_per_atom, timing->n_repeats);
  }
  print_warnings(evaluation.warnings);
}

}  // namespace

int run_evaluate(std::span<const std::string> arguments) {
  const EvaluateOptions options = parse_options(arguments);
  const std::vector<Structure> structures{read_extxyz(options.path)};
  const auto engine = make_engine(options.device, options.precision);
  const Evaluation evaluation = engine->evaluate(
      structures, options.potential, {.forces = true, .stress = is_periodic(structures.front()), .per_atom = false});
  std::optional<Timing> timing;
  if (options.n_repeats > 0) timing = time_evaluations(*engine, structures, options);
  if (options.wants_json) {
    print_json(structures.front(), evaluation, timing);
  } else {
    print_text(structures.front(), evaluation, timing);
  }
  return protocol::kExitOk;
}

}  // namespace mofkernel::cli
