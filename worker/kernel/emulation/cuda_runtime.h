// Stands for CUDA's header where the host's compiler reads our device code for the emulated device: the keywords, the
// types and the runtime functions that this program uses, and no more. See docs/gpu.md.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#undef _OPENMP  // nvcc is not given -fopenmp, so its code must not count on it

#include <math.h>

#include "cuda_errors.hpp"
#include "execution.hpp"
#include "launch_record.hpp"

#define __host__
#define __device__
#define __global__
#define __launch_bounds__(...)

/// Every thread of a block comes to the same array; its content is undefined before somebody writes it.
#define MOFK_SHARED(type, name)                                                 \
  static char name##_place;                                                     \
  std::type_identity_t<type>& name = *static_cast<std::type_identity_t<type>*>( \
      ::mofkernel::emulation::shared_array(&name##_place, sizeof(std::type_identity_t<type>), #name))
#define MOFK_DYNAMIC_SHARED() ::mofkernel::emulation::dynamic_shared_memory()

using mofkernel::emulation::blockDim;
using mofkernel::emulation::blockIdx;
using mofkernel::emulation::dim3;
using mofkernel::emulation::gridDim;
using mofkernel::emulation::threadIdx;

using std::max;
using std::min;

// The line tells one barrier of a kernel from another; a compiler may have made several calls of one.
#define __syncthreads() ::mofkernel::emulation::wait_at_barrier(__FILE__, __LINE__)

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = mofkernel::emulation::exchange_in_warp(mask, bits, lane_mask);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __ballot_sync(unsigned mask, int flag) { return mofkernel::emulation::vote_in_warp(mask, flag != 0); }

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

inline int atomicAdd(int* target, int value) { return __atomic_fetch_add(target, value, __ATOMIC_RELAXED); }

inline int atomicMax(int* target, int value) {
  int seen = __atomic_load_n(target, __ATOMIC_RELAXED);
  while (seen < value && !__atomic_compare_exchange_n(target, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}

using cudaStream_t = mofkernel::emulation::Stream*;
using cudaGraph_t = mofkernel::emulation::Graph*;
using cudaGraphExec_t = mofkernel::emulation::Graph*;

struct cudaUUID_t {
  char bytes[16];
};

struct cudaDeviceProp {
  char name[256];
  cudaUUID_t uuid;
  std::size_t totalGlobalMem;
  int major;
  int minor;
  int multiProcessorCount;
};

struct cudaFuncAttributes {
  int maxThreadsPerBlock;
};

struct cudaLaunchAttribute {};

struct cudaLaunchConfig_t {
  dim3 gridDim;
  dim3 blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned numAttrs;
};

enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal = 1 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
inline constexpr unsigned cudaStreamNonBlocking = 1;

cudaError_t cudaGetLastError();
const char* cudaGetErrorName(cudaError_t status);
const char* cudaGetErrorString(cudaError_t status);

cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes);

namespace mofkernel::emulation {
cudaError_t allocate(void** data, std::size_t bytes);
cudaError_t allow_dynamic_shared(const void* kernel, int bytes);
cudaError_t enqueue_launch(const cudaLaunchConfig_t& config, const void* kernel, LaunchRecord* record);
}  // namespace mofkernel::emulation

template <class T>
cudaError_t cudaMalloc(T** data, std::size_t bytes) {
  void* place = nullptr;
  const cudaError_t status = mofkernel::emulation::allocate(&place, bytes);
  *data = static_cast<T*>(place);
  return status;
}
cudaError_t cudaFree(void* data);

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream);

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);

template <class... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*)(Parameters...)) {
  attributes->maxThreadsPerBlock = mofkernel::emulation::kMostThreads;
  return cudaSuccess;
}

template <class... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute /*attribute*/, int bytes) {
  return mofkernel::emulation::allow_dynamic_shared(reinterpret_cast<const void*>(kernel), bytes);
}

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  return mofkernel::emulation::enqueue_launch(
      *config, reinterpret_cast<const void*>(kernel),
      mofkernel::emulation::record_launch(kernel, std::forward<Arguments>(arguments)...));
}
