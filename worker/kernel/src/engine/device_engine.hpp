// What each backend offers to make_engine() and list_devices(); no CUDA header is needed to include it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace mofkernel {

/// Bytes of the computer's memory that can be had, counting what the file cache would give back.
std::size_t free_host_memory();

namespace cpu {
std::unique_ptr<Engine> make_device_engine(int device_index, Precision precision);
}

#ifdef MOFK_WITH_CUDA
namespace cuda {
std::unique_ptr<Engine> make_device_engine(int device_index, Precision precision);
/// Appends the GPUs; returns the driver's words when there are none.
std::string append_devices(std::vector<DeviceInfo>& devices);
}  // namespace cuda
#endif

}  // namespace mofkernel
