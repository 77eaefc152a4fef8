// Answers as frames. These and run_answers.hpp are the only places that spell the members of a response.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "protocol/frame.hpp"
#include "protocol/requests.hpp"

namespace mofkernel::protocol {

std::vector<std::byte> hello_frame();
std::vector<std::byte> devices_frame(const std::string& id, const DeviceList& list);
/// The members of one device, as in a devices_result.
json::Object device_members(const DeviceInfo& device);
std::vector<std::byte> topology_frame(const std::string& id, const uff4mof::Terms& terms);
std::vector<std::byte> evaluate_frame(const std::string& id, const Evaluation& evaluation, EvaluateWant want,
                                      double kernel_seconds);
std::vector<std::byte> cancel_frame(const std::string& id, bool found);
/// `id` is null when the request could not be read far enough to know it.
std::vector<std::byte> error_frame(const std::optional<std::string>& id, const KernelError& error);

}  // namespace mofkernel::protocol
