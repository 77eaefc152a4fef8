#include <cstdio>

#include "cli/command_line.hpp"
#include "engine/engine.hpp"
#include "protocol/answers.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

constexpr double kBytesPerGiB = 1024.0 * 1024.0 * 1024.0;

void print_json(const DeviceList& list) {
  json::Array devices;
  for (const DeviceInfo& device : list.devices) devices.emplace_back(protocol::device_members(device));
  const std::string& reason = list.cuda_unavailable_reason;
  const json::Object answer{{"devices", std::move(devices)},
                            {"cuda_unavailable_reason", reason.empty() ? json::Value(nullptr) : json::Value(reason)}};
  std::printf("%s\n", json::write(answer).c_str());
}

void print_table(const DeviceList& list) {
  for (const DeviceInfo& device : list.devices) {
    std::printf("%-8s %s, %.1f of %.1f GiB free", device.device.c_str(), device.name.c_str(),
                static_cast<double>(device.memory_free_bytes) / kBytesPerGiB,
                static_cast<double>(device.memory_total_bytes) / kBytesPerGiB);
    if (device.n_threads > 0) std::printf(", %d threads", device.n_threads);
    if (!device.compute_capability.empty()) std::printf(", compute capability %s", device.compute_capability.c_str());
    std::printf("\n");
  }
  if (!list.cuda_unavailable_reason.empty()) std::printf("no GPU: %s\n", list.cuda_unavailable_reason.c_str());
}

}  // namespace

int run_devices(std::span<const std::string> arguments) {
  Arguments options(arguments);
  const bool wants_json = options.take_flag("--json");
  options.finish();
  const DeviceList list = list_devices();
  if (wants_json) {
    print_json(list);
  } else {
    print_table(list);
  }
  return protocol::kExitOk;
}

}  // namespace mofkernel::cli
