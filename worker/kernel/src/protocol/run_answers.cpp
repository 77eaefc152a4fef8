#include "protocol/run_answers.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "protocol/answer_parts.hpp"

namespace mofkernel::protocol {
namespace {

const char* end_state_name(RelaxEndState state) {
  switch (state) {
    case RelaxEndState::converged:
      return "converged";
    case RelaxEndState::max_steps:
      return "max_steps";
    case RelaxEndState::diverged:
      return "diverged";
    case RelaxEndState::cancelled:
      return "cancelled";
    case RelaxEndState::deadline:
      return "deadline";
  }
  return "diverged";
}

const char* end_state_name(MdEndState state) {
  switch (state) {
    case MdEndState::completed:
      return "completed";
    case MdEndState::cancelled:
      return "cancelled";
    case MdEndState::deadline:
      return "deadline";
    case MdEndState::diverged:
      return "diverged";
  }
  return "diverged";
}

const char* stop_name(StopReason reason) {
  switch (reason) {
    case StopReason::none:
      return "none";
    case StopReason::cancelled:
      return "cancelled";
    case StopReason::deadline:
      return "deadline";
  }
  return "none";
}

/// The arrays of one structure at one step.
template <class Step>
std::vector<Array> frame_arrays(const Step& step) {
  return {rows("positions", {3}, step.positions),
          Array::make<double>("cell", {3, 3}, std::span<const std::array<double, 3>>(step.cell)),
          rows("forces", {3}, step.forces)};
}

void append(json::Object& header, json::Object members) { std::ranges::move(members, std::back_inserter(header)); }

void end_header(json::Object& header, double kernel_seconds, const std::vector<std::string>& warnings) {
  header.push_back({"kernel_seconds", kernel_seconds});
  header.push_back({"warnings", to_json(warnings)});
}

/// An average over no weight at all is no number.
json::Value number_or_null(double value) { return std::isfinite(value) ? json::Value(value) : json::Value(nullptr); }

Array grid_array(const char* name, const std::array<int, 3>& shape, const std::vector<float>& values) {
  return Array::make<float>(
      name,
      {static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), static_cast<std::size_t>(shape[2])},
      std::span<const float>(values));
}

std::vector<Array> placement_arrays(const std::vector<Placement>& lowest, std::size_t n_sites) {
  std::vector<double> energies;
  std::vector<std::array<double, 3>> centers;
  std::vector<std::array<double, 3>> sites;
  for (const Placement& placement : lowest) {
    energies.push_back(placement.energy_eV);
    centers.push_back(placement.center);
    sites.insert(sites.end(), placement.site_positions.begin(), placement.site_positions.end());
  }
  return {
      rows("lowest_energies", {}, energies), rows("lowest_centers", {3}, centers),
      Array::make<double>("lowest_sites", {lowest.size(), n_sites, 3}, std::span<const std::array<double, 3>>(sites))};
}

/// A grid has no standard errors.
json::Object members_of(const InsertionAverages& averages, bool is_grid) {
  const auto error = [&](double value) { return is_grid ? json::Value(nullptr) : number_or_null(value); };
  return {{"boltzmann_mean", averages.boltzmann_mean},
          {"boltzmann_standard_error", error(averages.boltzmann_standard_error)},
          {"mean_energy_eV", number_or_null(averages.mean_energy_eV)},
          {"mean_energy_standard_error_eV", error(averages.mean_energy_standard_error_eV)},
          {"henry_mol_kg_Pa", averages.henry_mol_kg_Pa}};
}

}  // namespace

json::Object members_of(const RelaxStep& step) {
  return {{"structure", step.structure},
          {"step", step.step},
          {"energy_eV", step.energy_eV},
          {"max_force_eV_A", step.max_force_eV_A},
          {"max_cell_force_eV_A", to_json(step.max_cell_force_eV_A)},
          {"volume_A3", to_json(step.volume_A3)},
          {"stress_voigt_eV_A3", to_json(step.stress_voigt_eV_A3)}};
}

json::Object members_of(const RelaxOutcome& outcome) {
  return {{"end_state", end_state_name(outcome.end_state)},
          {"steps", outcome.steps},
          {"max_force_eV_A", outcome.max_force_eV_A},
          {"max_cell_force_eV_A", to_json(outcome.max_cell_force_eV_A)}};
}

json::Object members_of(const MdSample& sample) {
  return {{"structure", sample.structure},
          {"step", sample.step},
          {"time_fs", sample.time_fs},
          {"potential_energy_eV", sample.potential_energy_eV},
          {"kinetic_energy_eV", sample.kinetic_energy_eV},
          {"conserved_energy_eV", sample.conserved_energy_eV},
          {"temperature_k", sample.temperature_k},
          {"volume_A3", to_json(sample.volume_A3)},
          {"pressure_eV_A3", to_json(sample.pressure_eV_A3)},
          {"stress_voigt_eV_A3", to_json(sample.stress_voigt_eV_A3)}};
}

json::Object members_of(const MdOutcome& outcome) {
  return {{"end_state", end_state_name(outcome.end_state)},
          {"steps", outcome.steps},
          {"n_degrees_of_freedom", outcome.n_degrees_of_freedom}};
}

std::vector<std::byte> step_frame(const std::string& id, const RelaxStep& step) {
  json::Object header = answer("step", id);
  append(header, members_of(step));
  if (!step.has_frame) return encode_frame(std::move(header));
  return encode_frame(std::move(header), frame_arrays(step));
}

std::vector<std::byte> relax_frame(const std::string& id, const RelaxResult& result, double kernel_seconds) {
  json::Array structures;
  for (const RelaxOutcome& outcome : result.outcomes) structures.emplace_back(members_of(outcome));
  json::Object header = answer("relax_result", id);
  header.push_back({"component_names", to_json(result.evaluation.component_names)});
  header.push_back({"structures", std::move(structures)});
  end_header(header, kernel_seconds, result.evaluation.warnings);
  std::vector<Array> arrays = evaluation_arrays(result.evaluation, {.forces = true, .stress = true, .per_atom = false});
  append_geometry(arrays, result.structures);
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> md_sample_frame(const std::string& id, const MdSample& sample) {
  json::Object header = answer("md_sample", id);
  append(header, members_of(sample));
  if (!sample.has_frame) return encode_frame(std::move(header));
  std::vector<Array> arrays = frame_arrays(sample);
  arrays.push_back(rows("velocities", {3}, sample.velocities));
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> md_frame(const std::string& id, const MdResult& result, double kernel_seconds) {
  json::Array structures;
  for (const MdOutcome& outcome : result.outcomes) structures.emplace_back(members_of(outcome));
  json::Object header = answer("md_result", id);
  header.push_back({"structures", std::move(structures)});
  header.push_back({"resumed_from_step", result.resumed_from_step});
  end_header(header, kernel_seconds, result.warnings);
  std::vector<Array> arrays;
  append_geometry(arrays, result.structures);
  arrays.push_back(rows("velocities", {3}, result.velocities));
  arrays.push_back(rows("energies", {}, result.energies));
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> progress_frame(const std::string& id, std::int64_t n_done, std::int64_t n_total) {
  json::Object header = answer("progress", id);
  header.push_back({"n_done", n_done});
  header.push_back({"n_total", n_total});
  return encode_frame(std::move(header));
}

std::vector<std::byte> force_constants_frame(const std::string& id, const ForceConstants& result, std::size_t n_atoms,
                                             double kernel_seconds) {
  json::Object header = answer("force_constants_result", id);
  header.push_back({"n_finished", result.n_finished});
  header.push_back({"stop", stop_name(result.stop)});
  end_header(header, kernel_seconds, result.warnings);
  const auto n_rows = static_cast<std::size_t>(result.n_finished);
  const std::vector<Array> arrays{Array::make<double>("force_constants", {n_rows, n_atoms, 3},
                                                      std::span<const double>(result.rows).first(3 * n_atoms * n_rows)),
                                  rows("forces", {3}, result.forces)};
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> insertions_frame(const std::string& id, const InsertionResult& result,
                                        const InsertionOptions& options, double kernel_seconds) {
  const bool is_grid = options.mode == InsertionMode::grid;
  json::Object header = answer("insertions_result", id);
  header.push_back({"n_placements", result.n_placements});
  for (json::Member& member : members_of(result, is_grid)) header.push_back(std::move(member));
  if (result.reachable) header.push_back({"reachable", members_of(*result.reachable, is_grid)});
  header.push_back({"stop", stop_name(result.stop)});
  end_header(header, kernel_seconds, result.warnings);
  std::vector<Array> arrays = placement_arrays(result.lowest, options.adsorbate.sites.size());
  std::vector<double> forces;
  for (const Placement& placement : result.lowest) forces.push_back(placement.max_force_eV_A);
  if (options.relax_lowest) arrays.push_back(rows("lowest_forces", {}, forces));
  if (is_grid && !result.grid_minimum_eV.empty()) {
    arrays.push_back(grid_array("grid_minimum_eV", result.grid_shape, result.grid_minimum_eV));
    arrays.push_back(grid_array("grid_free_energy_eV", result.grid_shape, result.grid_free_energy_eV));
  }
  return encode_frame(std::move(header), arrays);
}

}  // namespace mofkernel::protocol
