// The functions of CUDA's runtime on the emulated device.
#include <cstdio>
#include <mutex>
#include <pthread.h>

#include "cuda_runtime.h"
#include "device_memory.hpp"
#include "faults.hpp"
#include "report.hpp"
#include "settings.hpp"
#include "streams.hpp"

using namespace mofkernel::emulation;

namespace {

/// One thread of the host is in here at a time, also while the device works.
std::recursive_mutex mutex;

cudaError_t last_error = cudaSuccess;
bool is_lost = false;
std::uint64_t n_allocations = 0;
std::uint64_t n_synchronizations = 0;

struct KernelLimit {
  const void* kernel;
  std::size_t dynamic_shared_bytes;
};
OpenVector<KernelLimit> kernel_limits;

/// Does the call, unless the device is lost; keeps its error for cudaGetLastError.
template <class F>
cudaError_t call(F body) {
  const std::lock_guard lock(mutex);
  const cudaError_t status = is_lost ? cudaErrorIllegalAddress : body();
  if (status != cudaSuccess) last_error = status;
  return status;
}

/// Calls that wait for the device or change its memory do not fit into a capture.
template <class F>
cudaError_t call_outside_of_capture(F body) {
  return call([&] { return spoil_recordings() ? cudaErrorStreamCaptureUnsupported : body(); });
}

bool is_size(dim3 size, dim3 most) {
  return size.x > 0 && size.y > 0 && size.z > 0 && size.x <= most.x && size.y <= most.y && size.z <= most.z;
}

std::size_t most_dynamic_shared(const void* kernel) {
  for (const KernelLimit& limit : kernel_limits) {
    if (limit.kernel == kernel) return limit.dynamic_shared_bytes;
  }
  return kPlainSharedBytes;
}

cudaError_t check_launch(const cudaLaunchConfig_t& config, const void* kernel) {
  if (!is_size(config.gridDim, dim3(0x7fffffff, 65535, 65535))) return cudaErrorInvalidConfiguration;
  if (!is_size(config.blockDim, dim3(1024, 1024, 64))) return cudaErrorInvalidConfiguration;
  if (config.blockDim.x * config.blockDim.y * config.blockDim.z > kMostThreads) return cudaErrorInvalidConfiguration;
  return config.dynamicSmemBytes > most_dynamic_shared(kernel) ? cudaErrorInvalidValue : cudaSuccess;
}

struct Stack {
  std::uintptr_t first = 0;
  std::size_t bytes = 0;
};

Stack stack_of_thread() {
  pthread_attr_t attributes;
  void* first = nullptr;
  Stack stack;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack;
  pthread_attr_getstack(&attributes, &first, &stack.bytes);
  pthread_attr_destroy(&attributes);
  stack.first = reinterpret_cast<std::uintptr_t>(first);
  return stack;
}

/// Tells once of a pointer into the host's stack, such as a lambda that captures by reference takes along. It may be a
/// member that nobody has set, so it ends nothing.
void tell_stack_addresses(const LaunchRecord& record) {
  thread_local const Stack stack = stack_of_thread();
  static bool has_told = false;
  const auto* const words = static_cast<const std::uintptr_t*>(record.arguments);
  for (std::size_t k = 0; k < record.n_argument_bytes / sizeof *words && !has_told; ++k) {
    if (words[k] < stack.first || words[k] >= stack.first + stack.bytes) continue;
    has_told = true;
    std::fprintf(stderr, "emulated device: word %zu of a launch's arguments is an address of the host's stack: %s\n", k,
                 record.signature);
  }
}

}  // namespace

cudaError_t cudaGetLastError() {
  const std::lock_guard lock(mutex);
  const cudaError_t status = last_error;
  if (!is_lost) last_error = cudaSuccess;
  return status;
}

const char* cudaGetErrorName(cudaError_t status) {
  switch (status) {
#define X(name, number) \
  case name:            \
    return #name;
    MOFK_EMULATED_ERRORS(X)
#undef X
  }
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t) { return "told by the emulated device"; }

cudaError_t cudaGetDeviceCount(int* count) {
  return call([&] {
    *count = 1;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return call([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    *properties = {.name = "Emulated device (this computer's CPU, for tests only)",
                   .uuid = {},
                   .totalGlobalMem = settings().memory_mib << 20,
                   .major = 9,
                   .minor = 0,
                   .multiProcessorCount = 1};
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int device) {
  return call([&] { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; });
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  return call([&] {
    *free_bytes = free_device_bytes();
    *total_bytes = settings().memory_mib << 20;
    return cudaSuccess;
  });
}

namespace mofkernel::emulation {

cudaError_t allocate(void** data, std::size_t bytes) {
  return call_outside_of_capture([&] {
    watch_for_faults();
    *data = ++n_allocations == settings().fail_allocation ? nullptr : allocate_device_memory(bytes);
    return *data != nullptr || bytes == 0 ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t allow_dynamic_shared(const void* kernel, int bytes) {
  return call([&] {
    if (bytes < 0 || static_cast<std::size_t>(bytes) > kMostSharedBytes) return cudaErrorInvalidValue;
    kernel_limits.insert(kernel_limits.begin(), {kernel, static_cast<std::size_t>(bytes)});
    return cudaSuccess;
  });
}

cudaError_t enqueue_launch(const cudaLaunchConfig_t& config, const void* kernel, LaunchRecord* record) {
  const cudaError_t status = call([&] {
    if (config.stream == nullptr) fail("a launch outside of the context's stream: %s", record->signature);
    const cudaError_t problem = check_launch(config, kernel);
    if (problem != cudaSuccess) return problem;
    tell_stack_addresses(*record);
    record->shape = {config.gridDim, config.blockDim, config.dynamicSmemBytes};
    enqueue(*config.stream, {.launch = record});
    return cudaSuccess;
  });
  if (status != cudaSuccess) discard(record);
  return status;
}

}  // namespace mofkernel::emulation

cudaError_t cudaFree(void* data) {
  return call_outside_of_capture([&] {
    drain_all();
    return data == nullptr || free_device_memory(data) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
  return call([&] {
    *stream = make_stream();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call([&] {
    discard_stream(stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call([&] {
    if (stream->recording != nullptr) {
      stream->is_recording_void = true;
      return cudaErrorStreamCaptureUnsupported;
    }
    is_lost = ++n_synchronizations == settings().lose_device;
    if (is_lost) return cudaErrorIllegalAddress;
    drain(*stream);
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return call([&] {
    enqueue(*stream, {.to = to,
                      .from = from,
                      .bytes = bytes,
                      .writes_device = kind != cudaMemcpyDeviceToHost,
                      .reads_device = kind != cudaMemcpyHostToDevice});
    return cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return call([&] {
    enqueue(*stream, {.to = to, .value = value, .bytes = bytes, .writes_device = true});
    return cudaSuccess;
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  return call([&] {
    stream->recording = copy_graph(Graph());
    stream->is_recording_void = false;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return call([&] {
    *graph = std::exchange(stream->recording, nullptr);
    if (!stream->is_recording_void) return cudaSuccess;
    discard_graph(std::exchange(*graph, nullptr));
    return cudaErrorStreamCaptureInvalidated;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long /*flags*/) {
  return call([&] {
    *executable = copy_graph(*graph);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return call([&] {
    enqueue_graph(*stream, *executable);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call([&] {
    discard_graph(graph);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) { return cudaGraphDestroy(executable); }
