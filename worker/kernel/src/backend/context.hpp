// The two backends and the device that work is given to.
//   MOFK_NS      namespace of the backend: cpu or cuda (files that nvcc does not compile see cpu)
//   MOFK_HD      marks a function that device code calls
//   MOFK_LAMBDA  capture and execution space of a lambda given to parallel_for or a reduction; it captures by value and
//                is written in a free function or a public member function (a rule of nvcc), never in a constructor
// Device code uses no std:: containers, no exceptions and no virtual calls.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#ifdef __CUDACC__
#include <cuda_runtime.h>
#define MOFK_NS cuda
#define MOFK_HD __host__ __device__
#define MOFK_LAMBDA [=] __device__
#else
#ifdef _OPENMP
#include <omp.h>
#endif
#define MOFK_NS cpu
#define MOFK_HD
#define MOFK_LAMBDA [=]
#endif

namespace mofkernel::MOFK_NS {

#ifdef __CUDACC__
inline constexpr bool kIsCuda = true;
/// Throws the KernelError that a failed CUDA call means; `call` is the text of the call.
[[noreturn]] void throw_cuda_error(cudaError_t status, const char* call, const char* file, int line);
#define CUDA_TRY(call)                                                                                           \
  do {                                                                                                           \
    const cudaError_t cuda_status = (call);                                                                      \
    if (cuda_status != cudaSuccess) ::mofkernel::cuda::throw_cuda_error(cuda_status, #call, __FILE__, __LINE__); \
  } while (false)
#else
inline constexpr bool kIsCuda = false;
#endif

/// One device and its stream of work: everything given to it happens in order.
class Context {
 public:
  /// CPU: `device_index` is ignored. CUDA: throws KernelError(no_device | unsupported_architecture).
  explicit Context(int device_index = 0);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Makes this the device of the calling thread; whoever enters from another thread calls it first.
  void make_current() const;
  /// Waits until all work is done; the CPU backend never has work in flight.
  void synchronize() const;
  /// What the buffers of this context take now.
  [[nodiscard]] std::size_t allocated_bytes() const { return *allocated_bytes_; }

#ifdef __CUDACC__
  [[nodiscard]] cudaStream_t stream() const { return stream_; }

 private:
  int device_index_;
  cudaStream_t stream_ = nullptr;
#else
  [[nodiscard]] int n_threads() const { return n_threads_; }
  /// Fewer or more threads than the machine offers; results depend on the number only through rounding.
  void set_n_threads(int n_threads) { n_threads_ = std::max(1, n_threads); }

 private:
  int n_threads_ = 1;
#endif
  template <class T>
  friend class Buffer;
  /// Shared with the buffers, which may outlive the context.
  std::shared_ptr<std::size_t> allocated_bytes_ = std::make_shared<std::size_t>(0);
};

}  // namespace mofkernel::MOFK_NS
