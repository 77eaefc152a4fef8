// The one place where device kernels are launched, and the two ways to memory that the threads of a block share.
#pragma once

#include "backend/context.hpp"

#ifdef __CUDACC__

#include <type_traits>
#include <utility>

namespace mofkernel::cuda {

/// Grid and block of a launch; `shared_bytes` is what dynamic_shared() points to, at most 48 KiB.
struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;
};

/// Queues kernel(arguments…) in the context's stream. Throws the KernelError that a refused launch means.
template <class... Parameters, class... Arguments>
void launch(const Context& context, const LaunchShape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = context.stream();
  CUDA_TRY(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

/// Declares `name`, an array of type `type` that the threads of a block share, aligned for wide loads:
///   MOFK_SHARED(float[16][64], tile);
#ifndef MOFK_SHARED  // the emulated device brings its own
#define MOFK_SHARED(type, name) __shared__ __align__(16) std::type_identity_t<type> name
#endif

/// The memory that the launch asked for with `shared_bytes`, aligned to 16 bytes.
template <class T>
__device__ T* dynamic_shared() {
#ifdef MOFK_DYNAMIC_SHARED
  return static_cast<T*>(MOFK_DYNAMIC_SHARED());
#else
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return reinterpret_cast<T*>(dynamic_shared_bytes);
#endif
}

}  // namespace mofkernel::cuda

#endif
