#include <charconv>
#include <string_view>

#include "engine/device_engine.hpp"
#include "errors.hpp"

namespace mofkernel {

std::unique_ptr<Engine> make_engine(const std::string& device, Precision precision) {
  if (device == "cpu") return cpu::make_device_engine(0, precision);
  constexpr std::string_view kPrefix = "cuda:";
  int index = -1;
  if (device.starts_with(kPrefix)) {
    const char* const end = device.data() + device.size();
    const auto [last, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
    if (error != std::errc() || last != end || index < 0) index = -1;
  }
  if (index < 0) {
    throw KernelError(ErrorCode::bad_request, "'" + device + "' is no device name; give cpu, or cuda:0 and so on");
  }
#ifdef MOFK_WITH_CUDA
  return cuda::make_device_engine(index, precision);
#else
  throw KernelError(ErrorCode::no_device,
                    device + ": this mofkernel was built without CUDA; use the device cpu, or build it " +
                        "on a machine with the CUDA toolkit");
#endif
}

}  // namespace mofkernel
