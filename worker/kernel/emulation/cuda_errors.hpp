// The CUDA errors that this program names, with CUDA's numbers.
#pragma once

#define MOFK_EMULATED_ERRORS(X)               \
  X(cudaSuccess, 0)                           \
  X(cudaErrorInvalidValue, 1)                 \
  X(cudaErrorMemoryAllocation, 2)             \
  X(cudaErrorInitializationError, 3)          \
  X(cudaErrorInvalidConfiguration, 9)         \
  X(cudaErrorStubLibrary, 34)                 \
  X(cudaErrorInsufficientDriver, 35)          \
  X(cudaErrorDevicesUnavailable, 46)          \
  X(cudaErrorInvalidDeviceFunction, 98)       \
  X(cudaErrorNoDevice, 100)                   \
  X(cudaErrorInvalidDevice, 101)              \
  X(cudaErrorInvalidKernelImage, 200)         \
  X(cudaErrorNoKernelImageForDevice, 209)     \
  X(cudaErrorECCUncorrectable, 214)           \
  X(cudaErrorInvalidPtx, 218)                 \
  X(cudaErrorNvlinkUncorrectable, 220)        \
  X(cudaErrorJitCompilerNotFound, 221)        \
  X(cudaErrorUnsupportedPtxVersion, 222)      \
  X(cudaErrorContained, 226)                  \
  X(cudaErrorInvalidResourceHandle, 400)      \
  X(cudaErrorIllegalAddress, 700)             \
  X(cudaErrorLaunchOutOfResources, 701)       \
  X(cudaErrorLaunchTimeout, 702)              \
  X(cudaErrorContextIsDestroyed, 709)         \
  X(cudaErrorAssert, 710)                     \
  X(cudaErrorHardwareStackError, 714)         \
  X(cudaErrorIllegalInstruction, 715)         \
  X(cudaErrorMisalignedAddress, 716)          \
  X(cudaErrorInvalidAddressSpace, 717)        \
  X(cudaErrorInvalidPc, 718)                  \
  X(cudaErrorLaunchFailure, 719)              \
  X(cudaErrorTensorMemoryLeak, 721)           \
  X(cudaErrorSystemNotReady, 802)             \
  X(cudaErrorSystemDriverMismatch, 803)       \
  X(cudaErrorCompatNotSupportedOnDevice, 804) \
  X(cudaErrorMpsConnectionFailed, 805)        \
  X(cudaErrorMpsServerNotReady, 807)          \
  X(cudaErrorStreamCaptureUnsupported, 900)   \
  X(cudaErrorStreamCaptureInvalidated, 901)   \
  X(cudaErrorUnknown, 999)

enum cudaError_t {
#define X(name, number) name = number,
  MOFK_EMULATED_ERRORS(X)
#undef X
};
