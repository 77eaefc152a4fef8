#include <string>
#include <string_view>

#include "backend/backend.hpp"

#ifdef __CUDACC__
#include <cub/device/device_scan.cuh>
#endif

namespace mofkernel::MOFK_NS {

#ifdef __CUDACC__

namespace {

/// Did the error take the process's hold on the device with it? Then every later call fails as well, whatever it is:
/// that is asked for, because an unknown error may or may not have done so.
bool is_device_lost(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorIllegalInstruction:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorHardwareStackError:
    case cudaErrorContained:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorMpsConnectionFailed:
    case cudaErrorMpsServerNotReady:
    case cudaErrorContextIsDestroyed:
      return true;
    default:
      return cudaFree(nullptr) != cudaSuccess;
  }
}

}  // namespace

void throw_cuda_error(cudaError_t status, const char* call, const char* file, int line) {
  // The name alone: where the build machine kept its sources is nobody's business.
  const std::string_view path = file;
  const std::string name(path.substr(path.find_last_of("/\\") + 1));
  cudaGetLastError();  // clears an error that is not sticky, so that the next call does not report it again
  const std::string what = std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status) + " (" + call +
                           ", " + name + ":" + std::to_string(line) + ")";
  switch (status) {
    case cudaErrorMemoryAllocation:
    case cudaErrorLaunchOutOfResources:
      throw KernelError(ErrorCode::out_of_memory,
                        "the GPU has no memory left; use a smaller structure or batch. " + what);
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorInvalidKernelImage:
    case cudaErrorInvalidPtx:
    case cudaErrorJitCompilerNotFound:
    case cudaErrorInvalidDeviceFunction:
      throw KernelError(ErrorCode::unsupported_architecture,
                        "this build has no code for this GPU (it has sm " MOFK_CUDA_ARCHITECTURES "). " + what);
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorInvalidDevice:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorSystemNotReady:
    case cudaErrorCompatNotSupportedOnDevice:
    case cudaErrorStubLibrary:
    case cudaErrorInitializationError:
    case cudaErrorDevicesUnavailable:
      throw KernelError(ErrorCode::no_device, "this GPU is not there, or its driver does not fit. " + what);
    default:
      break;
  }
  if (is_device_lost(status)) {
    throw KernelError(ErrorCode::device_lost, "the GPU stopped working in the middle; start mofkernel again. " + what);
  }
  throw KernelError(ErrorCode::internal, "unexpected CUDA error. " + what);
}

namespace {
__global__ void probe_kernel() {}
}  // namespace

Context::Context(int device_index) : device_index_(device_index) {
  make_current();
  // A missing architecture shows only when a kernel is asked for: ask here, where it can be named.
  cudaFuncAttributes attributes;
  CUDA_TRY(cudaFuncGetAttributes(&attributes, probe_kernel));
  CUDA_TRY(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

Context::~Context() { cudaStreamDestroy(stream_); }

void Context::make_current() const { CUDA_TRY(cudaSetDevice(device_index_)); }

void Context::synchronize() const { CUDA_TRY(cudaStreamSynchronize(stream_)); }

void exclusive_scan(const Context& context, int n, const int* in, int* out) {
  CUDA_TRY(cudaMemsetAsync(out, 0, sizeof(int), context.stream()));
  if (n == 0) return;
  // The inclusive scan written one place further is the exclusive scan with its total.
  std::size_t bytes = 0;
  CUDA_TRY(cub::DeviceScan::InclusiveSum(nullptr, bytes, in, out + 1, n, context.stream()));
  Buffer<std::byte> scratch(context, bytes);
  CUDA_TRY(cub::DeviceScan::InclusiveSum(scratch.data(), bytes, in, out + 1, n, context.stream()));
}

#else

Context::Context(int /*device_index*/) {
#ifdef _OPENMP
  n_threads_ = std::max(1, omp_get_max_threads());
#endif
}

Context::~Context() = default;

void Context::make_current() const {}

void Context::synchronize() const {}

void exclusive_scan(const Context& /*context*/, int n, const int* in, int* out) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    out[i] = sum;
    sum += in[i];
  }
  out[n] = sum;
}

#endif

}  // namespace mofkernel::MOFK_NS
