// The typed errors of the kernel. Their codes are those of contracts/kernel-message.ts (kernelErrorCodeSchema).
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace mofkernel {

enum class ErrorCode {
  bad_request,
  unsupported,
  bad_structure,
  atom_typing,
  non_finite,
  out_of_memory,
  no_device,
  device_lost,
  unsupported_architecture,
  bad_checkpoint,
  file_error,
  internal,
};

/// The code's name on the wire, e.g. "atom_typing".
const char* error_code_name(ErrorCode code);

/// An error that travels to the user. `details_json` is a JSON object in text form, "{}" when there is nothing to add.
class KernelError : public std::runtime_error {
 public:
  KernelError(ErrorCode code, const std::string& message, std::string details_json = "{}")
      : std::runtime_error(message), code_(code), details_json_(std::move(details_json)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& details_json() const { return details_json_; }

 private:
  ErrorCode code_;
  std::string details_json_;
};

}  // namespace mofkernel
