#include "protocol/answers.hpp"

#include <sstream>

#include "protocol/answer_parts.hpp"

namespace mofkernel::protocol {
namespace {

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
