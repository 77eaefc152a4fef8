// The device a *.dual.cpp test runs on: the CPU, or in the CUDA twin the first GPU, without which the test is skipped.
#pragma once

#include <memory>

#include "backend/backend.hpp"
#include "check.hpp"

namespace mofkernel::MOFK_NS {

inline std::unique_ptr<Context> make_test_context() {
#ifdef __CUDACC__
  int n_devices = 0;
  const cudaError_t status = cudaGetDeviceCount(&n_devices);
  if (status != cudaSuccess) SKIP(std::string("no GPU: ") + cudaGetErrorString(status));
  if (n_devices == 0) SKIP("no GPU");
#endif
  return std::make_unique<Context>();
}

}  // namespace mofkernel::MOFK_NS
