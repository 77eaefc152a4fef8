// The GPUs that this process may use.
#include <cstdio>
#include <cuda_runtime.h>

#include "backend/backend.hpp"
#include "engine/device_engine.hpp"

namespace mofkernel::cuda {

namespace {

/// As nvidia-smi prints it, so that the two can be matched: GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.
std::string format_uuid(const cudaUUID_t& uuid) {
  std::string text = "GPU-";
  for (int k = 0; k < 16; ++k) {
    if (k == 4 || k == 6 || k == 8 || k == 10) text += '-';
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(uuid.bytes[k])));
    text += digits;
  }
  return text;
}

std::string describe(cudaError_t status) {
  return std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status);
}

}  // namespace

std::string append_devices(std::vector<DeviceInfo>& devices) {
  int n_devices = 0;
  // Without a driver this is cudaErrorInsufficientDriver, not cudaErrorNoDevice: any error means that there is no GPU.
  const cudaError_t status = cudaGetDeviceCount(&n_devices);
  if (status != cudaSuccess) {
    cudaGetLastError();
    return describe(status);
  }
  std::string reason;
  const std::size_t n_before = devices.size();
  for (int index = 0; index < n_devices; ++index) {
    cudaDeviceProp properties;
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    cudaError_t problem = cudaGetDeviceProperties(&properties, index);
    if (problem == cudaSuccess) problem = cudaSetDevice(index);
    if (problem == cudaSuccess) problem = cudaMemGetInfo(&free_bytes, &total_bytes);
    if (problem != cudaSuccess) {
      cudaGetLastError();
      reason = "cuda:" + std::to_string(index) + ": " + describe(problem);
      continue;
    }
    devices.push_back({.device = "cuda:" + std::to_string(index),
                       .name = properties.name,
                       .uuid = format_uuid(properties.uuid),
                       .memory_total_bytes = total_bytes,
                       .memory_free_bytes = free_bytes,
                       .compute_capability = std::to_string(properties.major) + "." + std::to_string(properties.minor),
                       .n_threads = 0});
  }
  if (devices.size() > n_before) return "";
  return reason.empty() ? "no CUDA device is visible" : reason;
}

}  // namespace mofkernel::cuda
