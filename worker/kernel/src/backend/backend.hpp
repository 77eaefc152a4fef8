// All that differs between the CPU and the CUDA backend. A *.dual.cpp file that uses only this layer is compiled twice.
//   MOFK_NS      namespace of the backend: cpu or cuda (files that nvcc does not compile see cpu)
//   MOFK_HD      marks a function that device code calls
//   MOFK_LAMBDA  capture and execution space of a lambda given to parallel_for or a reduction; it captures by value and
//                is written in a free function or a public member function (a rule of nvcc), never in a constructor
// Device code uses no std:: containers, no exceptions and no virtual calls.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "errors.hpp"

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
};

/// Array of trivially copyable elements in device memory. Owns it; movable, not copyable.
/// Host copies wait for the device; copies between devices and fills are ordered with the context's other work.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Buffer(const Context& context, std::size_t size = 0) : context_(&context) { resize(size); }
  Buffer(const Context& context, std::span<const T> host) : Buffer(context, host.size()) { upload(host); }
  ~Buffer() { release(); }
  Buffer(Buffer&& other) noexcept
      : context_(other.context_),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The content is undefined afterwards when the capacity had to grow.
  void resize(std::size_t size) {
    if (size > capacity_) {
      release();
      allocate(size);
    }
    size_ = size;
  }

  void upload(std::span<const T> host) {
    resize(host.size());
    if (host.empty()) return;
#ifdef __CUDACC__
    CUDA_TRY(cudaMemcpyAsync(data_, host.data(), host.size_bytes(), cudaMemcpyHostToDevice, context_->stream()));
    CUDA_TRY(cudaStreamSynchronize(context_->stream()));
#else
    std::memcpy(data_, host.data(), host.size_bytes());
#endif
  }

  /// `host` has the size of the buffer.
  void download(std::span<T> host) const {
    if (host.size() != size_)
      throw KernelError(ErrorCode::internal, "a host copy has another size than its device array");
    if (host.empty()) return;
#ifdef __CUDACC__
    CUDA_TRY(cudaMemcpyAsync(host.data(), data_, host.size_bytes(), cudaMemcpyDeviceToHost, context_->stream()));
    CUDA_TRY(cudaStreamSynchronize(context_->stream()));
#else
    std::memcpy(host.data(), data_, host.size_bytes());
#endif
  }

  [[nodiscard]] std::vector<T> to_host() const {
    std::vector<T> host(size_);
    download(host);
    return host;
  }

  void copy_from(const Buffer& other) {
    resize(other.size());
    if (size_ == 0) return;
#ifdef __CUDACC__
    CUDA_TRY(cudaMemcpyAsync(data_, other.data_, size_ * sizeof(T), cudaMemcpyDeviceToDevice, context_->stream()));
#else
    std::memcpy(data_, other.data_, size_ * sizeof(T));
#endif
  }

  /// Sets every byte to zero.
  void fill_zero() {
    if (size_ == 0) return;
#ifdef __CUDACC__
    CUDA_TRY(cudaMemsetAsync(data_, 0, size_ * sizeof(T), context_->stream()));
#else
    std::memset(static_cast<void*>(data_), 0, size_ * sizeof(T));
#endif
  }

 private:
#ifndef __CUDACC__
  static constexpr std::align_val_t kAlignment{64};
#endif

  void allocate(std::size_t size) {
#ifdef __CUDACC__
    CUDA_TRY(cudaMalloc(&data_, size * sizeof(T)));
#else
    data_ = static_cast<T*>(::operator new(size * sizeof(T), kAlignment, std::nothrow));
    if (data_ == nullptr) {
      throw KernelError(ErrorCode::out_of_memory, "the computer has no " + std::to_string((size * sizeof(T)) >> 20) +
                                                      " MiB of free memory left; use a smaller structure or batch");
    }
#endif
    capacity_ = size;
  }

  void release() noexcept {
#ifdef __CUDACC__
    if (data_ != nullptr) cudaFree(data_);
#else
    ::operator delete(static_cast<void*>(data_), kAlignment);
#endif
    data_ = nullptr;
    capacity_ = 0;
    size_ = 0;
  }

  const Context* context_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

#ifdef __CUDACC__
inline constexpr int kThreadsPerBlock = 128;
inline constexpr int kReductionThreads = 512;

template <class F>
__global__ void __launch_bounds__(kThreadsPerBlock) parallel_for_kernel(int n, F body) {
  const int i = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (i < n) body(i);
}
#endif

/// body(i) for every i in [0, n), in any order. `grain` is the least number of indices worth a thread of their own on
/// the CPU: about 10 microseconds of work.
template <class F>
void parallel_for(const Context& context, int n, F body, [[maybe_unused]] int grain = 4096) {
  if (n <= 0) return;
#ifdef __CUDACC__
  parallel_for_kernel<<<(n + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock, 0, context.stream()>>>(n,
                                                                                                                body);
  CUDA_TRY(cudaGetLastError());
#else
  const int n_threads = std::min(context.n_threads(), n / std::max(1, grain));
  if (n_threads <= 1) {
    for (int i = 0; i < n; ++i) body(i);
    return;
  }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(n_threads)
#endif
  for (int i = 0; i < n; ++i) body(i);
#endif
}

struct Sum {
  template <class T>
  MOFK_HD static void combine(T& a, const T& b) {
    a += b;
  }
};

struct Max {
  template <class T>
  MOFK_HD static void combine(T& a, const T& b) {
    a = a > b || a != a ? a : b;  // a NaN stays: a maximum must not hide it
    if (b != b) a = b;
  }
};

#ifdef __CUDACC__
template <class Op, class T, class F>
__global__ void __launch_bounds__(kReductionThreads)
    segmented_reduce_kernel(const int* first, T init, F value, T* out) {
  __shared__ T partial[kReductionThreads];
  const int segment = blockIdx.x;
  T sum = init;
  for (int i = first[segment] + threadIdx.x; i < first[segment + 1]; i += kReductionThreads) Op::combine(sum, value(i));
  partial[threadIdx.x] = sum;
  __syncthreads();
  for (int half = kReductionThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) Op::combine(partial[threadIdx.x], partial[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x == 0) out[segment] = partial[0];
}
#endif

/// out[s] = init op value(first[s]) op … op value(first[s + 1] - 1) for every segment s; always in the same order on
/// one device.
///   first  [n_segments + 1] on the device, ascending        value  (int) -> T        out  [n_segments] on the device
/// T is a number or a trivially copyable struct with +=, at most 72 bytes (shared memory of a block).
template <class Op, class T, class F>
void segmented_reduce(const Context& context, int n_segments, const int* first, T init, F value, T* out) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 72);
  if (n_segments <= 0) return;
#ifdef __CUDACC__
  segmented_reduce_kernel<Op><<<n_segments, kReductionThreads, 0, context.stream()>>>(first, init, value, out);
  CUDA_TRY(cudaGetLastError());
#else
  const auto reduce_one = [=](int segment) {
    T sum = init;
    for (int i = first[segment]; i < first[segment + 1]; ++i) Op::combine(sum, value(i));
    out[segment] = sum;
  };
  parallel_for(context, n_segments, reduce_one, 8);
#endif
}

/// out[i] = in[0] + … + in[i - 1] for i in [0, n]; out has n + 1 elements and may not overlap `in`.
void exclusive_scan(const Context& context, int n, const int* in, int* out);

/// Adds `value` to *target and gives the old value. The order among threads is open: use it only where it cannot
/// matter.
MOFK_HD inline int atomic_fetch_add(int* target, int value) {
#ifdef __CUDA_ARCH__
  return atomicAdd(target, value);
#else
  return __atomic_fetch_add(target, value, __ATOMIC_RELAXED);
#endif
}

}  // namespace mofkernel::MOFK_NS
