// Stands for CUB's device-wide scan on the emulated device.
#pragma once

#include "cuda_runtime.h"

namespace mofkernel::emulation {

__global__ inline void inclusive_sum_kernel(const int* in, int* out, int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) out[i] = sum += in[i];
}

}  // namespace mofkernel::emulation

namespace cub {

struct DeviceScan {
  static cudaError_t InclusiveSum(void* scratch, std::size_t& scratch_bytes, const int* in, int* out, int n,
                                  cudaStream_t stream) {
    if (scratch == nullptr) {
      scratch_bytes = 1;
      return cudaSuccess;
    }
    cudaLaunchConfig_t config = {};
    config.stream = stream;
    return cudaLaunchKernelEx(&config, mofkernel::emulation::inclusive_sum_kernel, in, out, n);
  }
};

}  // namespace cub
