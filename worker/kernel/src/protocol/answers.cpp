#include "protocol/answers.hpp"

#include <sstream>

namespace mofkernel::protocol {
namespace {

using Doubles = std::span<const double>;

json::Array to_json(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

json::Value to_json(const std::optional<double>& number) {
  return number ? json::Value(*number) : json::Value(nullptr);
}

json::Value text_or_null(const std::string& text) { return text.empty() ? json::Value(nullptr) : json::Value(text); }

json::Object answer(const char* type, const std::string& id) { return {{"type", type}, {"id", id}}; }

Array doubles(const char* name, std::vector<std::size_t> shape, Doubles values) {
  return Array::make<double>(name, std::move(shape), values);
}

template <class Row>
Array rows(const char* name, std::vector<std::size_t> row_shape, const std::vector<Row>& values) {
  row_shape.insert(row_shape.begin(), values.size());
  return Array::make<double>(name, std::move(row_shape), std::span<const Row>(values));
}

std::vector<Array> evaluation_arrays(const Evaluation& evaluation, EvaluateWant want) {
  std::vector<Array> arrays;
  arrays.push_back(rows("energies", {}, evaluation.energies));
  arrays.push_back(doubles("energy_components", {evaluation.energies.size(), evaluation.component_names.size()},
                           evaluation.energy_components));
  if (want.forces) arrays.push_back(rows("forces", {3}, evaluation.forces));
  if (want.stress) arrays.push_back(rows("stress", {3, 3}, evaluation.stress));
  if (want.per_atom) arrays.push_back(rows("energies_per_atom", {}, evaluation.energies_per_atom));
  return arrays;
}

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

/// "75-real 80-real 120" -> 7.5, 8.0, 12.0, spelled like a device's compute capability.
json::Array cuda_architectures() {
  json::Array architectures;
#ifdef MOFK_WITH_CUDA
  std::istringstream words(MOFK_CUDA_ARCHITECTURES);
  for (std::string word; words >> word;) {
    const std::string digits = word.substr(0, word.find('-'));
    architectures.emplace_back(digits.substr(0, digits.size() - 1) + "." + digits.back());
  }
#endif
  return architectures;
}

}  // namespace

std::vector<std::byte> hello_frame() {
#ifdef MOFK_WITH_CUDA
  constexpr bool kCudaBuilt = true;
#else
  constexpr bool kCudaBuilt = false;
#endif
  return encode_frame({{"type", "hello"},
                       {"protocol_version", kProtocolVersion},
                       {"kernel_version", MOFK_VERSION},
                       {"cuda_built", kCudaBuilt},
                       {"cuda_architectures", cuda_architectures()}});
}

json::Object device_members(const DeviceInfo& device) {
  const bool is_cpu = device.device == "cpu";
  return {{"device", device.device},
          {"kind", is_cpu ? "cpu" : "cuda"},
          {"name", device.name},
          {"uuid", text_or_null(device.uuid)},
          {"memory_total_bytes", device.memory_total_bytes},
          {"memory_free_bytes", device.memory_free_bytes},
          {"compute_capability", text_or_null(device.compute_capability)},
          {"n_threads", is_cpu ? json::Value(device.n_threads) : json::Value(nullptr)}};
}

std::vector<std::byte> devices_frame(const std::string& id, const DeviceList& list) {
  json::Array devices;
  for (const DeviceInfo& device : list.devices) devices.emplace_back(device_members(device));
  json::Object header = answer("devices_result", id);
  header.push_back({"devices", std::move(devices)});
  header.push_back({"cuda_unavailable_reason", text_or_null(list.cuda_unavailable_reason)});
  return encode_frame(std::move(header));
}

std::vector<std::byte> topology_frame(const std::string& id, const uff4mof::Terms& terms) {
  std::vector<std::array<std::int32_t, 5>> bonds;
  std::vector<double> orders;
  for (const uff4mof::Bond& bond : terms.perceived_bonds) {
    bonds.push_back({bond.i, bond.j, bond.shift[0], bond.shift[1], bond.shift[2]});
    orders.push_back(bond.order);
  }
  json::Object header = answer("topology_result", id);
  header.push_back({"atom_types", to_json(terms.atom_types)});
  header.push_back({"n_terms", json::Object{{"bond", terms.bonds.size()},
                                            {"angle", terms.angles.size()},
                                            {"torsion", terms.torsions.size()},
                                            {"inversion", terms.inversions.size()}}});
  header.push_back({"warnings", to_json(terms.warnings)});
  const std::vector<Array> arrays{
      Array::make<std::int32_t>("bonds", {bonds.size(), 5}, std::span<const std::array<std::int32_t, 5>>(bonds)),
      rows("bond_orders", {}, orders)};
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> evaluate_frame(const std::string& id, const Evaluation& evaluation, EvaluateWant want,
                                      double kernel_seconds) {
  json::Object header = answer("evaluate_result", id);
  header.push_back({"component_names", to_json(evaluation.component_names)});
  header.push_back({"kernel_seconds", kernel_seconds});
  header.push_back({"warnings", to_json(evaluation.warnings)});
  return encode_frame(std::move(header), evaluation_arrays(evaluation, want));
}

std::vector<std::byte> step_frame(const std::string& id, const RelaxStep& step) {
  json::Object header = answer("step", id);
  header.push_back({"structure", step.structure});
  header.push_back({"step", step.step});
  header.push_back({"energy_eV", step.energy_eV});
  header.push_back({"max_force_eV_A", step.max_force_eV_A});
  header.push_back({"max_cell_force_eV_A", to_json(step.max_cell_force_eV_A)});
  header.push_back({"volume_A3", to_json(step.volume_A3)});
  json::Value stress(nullptr);
  if (step.stress_voigt_eV_A3) stress = json::Array(step.stress_voigt_eV_A3->begin(), step.stress_voigt_eV_A3->end());
  header.push_back({"stress_voigt_eV_A3", std::move(stress)});
  if (!step.has_frame) return encode_frame(std::move(header));
  const std::vector<Array> arrays{
      rows("positions", {3}, step.positions),
      Array::make<double>("cell", {3, 3}, std::span<const std::array<double, 3>>(step.cell)),
      rows("forces", {3}, step.forces)};
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> relax_frame(const std::string& id, const RelaxResult& result, double kernel_seconds) {
  json::Array structures;
  for (const RelaxOutcome& outcome : result.outcomes) {
    structures.emplace_back(json::Object{{"end_state", end_state_name(outcome.end_state)},
                                         {"steps", outcome.steps},
                                         {"max_force_eV_A", outcome.max_force_eV_A},
                                         {"max_cell_force_eV_A", to_json(outcome.max_cell_force_eV_A)}});
  }
  json::Object header = answer("relax_result", id);
  header.push_back({"component_names", to_json(result.evaluation.component_names)});
  header.push_back({"structures", std::move(structures)});
  header.push_back({"kernel_seconds", kernel_seconds});
  header.push_back({"warnings", to_json(result.evaluation.warnings)});
  std::vector<Array> arrays = evaluation_arrays(result.evaluation, {.forces = true, .stress = true, .per_atom = false});
  std::vector<std::array<double, 3>> positions;
  std::vector<std::array<std::array<double, 3>, 3>> cells;
  for (const Structure& structure : result.structures) {
    positions.insert(positions.end(), structure.positions.begin(), structure.positions.end());
    cells.push_back(structure.cell);
  }
  arrays.push_back(rows("positions", {3}, positions));
  arrays.push_back(rows("cells", {3, 3}, cells));
  return encode_frame(std::move(header), arrays);
}

std::vector<std::byte> cancel_frame(const std::string& id, bool found) {
  json::Object header = answer("cancel_result", id);
  header.push_back({"found", found});
  return encode_frame(std::move(header));
}

std::vector<std::byte> error_frame(const std::optional<std::string>& id, const KernelError& error) {
  json::Value details = json::Object{};
  try {
    details = json::parse(error.details_json());
  } catch (const KernelError& unreadable) {
    details = json::Object{{"unreadable_details", unreadable.what()}};
  }
  return encode_frame({{"type", "error"},
                       {"id", id ? json::Value(*id) : json::Value(nullptr)},
                       {"code", error_code_name(error.code())},
                       {"message", error.what()},
                       {"details", std::move(details)}});
}

}  // namespace mofkernel::protocol
