// Buffers, loops and reductions: with context.hpp and launch.hpp all that differs between the CPU and the CUDA backend.
// A file *.dual.cpp that uses only this layer is compiled twice.
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

#include "backend/context.hpp"
#include "backend/launch.hpp"
#include "errors.hpp"

namespace mofkernel::MOFK_NS {

/// Array of trivially copyable elements in device memory. Owns it; movable, not copyable.
/// Host copies wait for the device; copies between devices and fills are ordered with the context's other work.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Buffer(const Context& context, std::size_t size = 0)
      : context_(&context), allocated_bytes_(context.allocated_bytes_) {
    resize(size);
  }
  Buffer(const Context& context, std::span<const T> host) : Buffer(context, host.size()) { upload(host); }
  ~Buffer() { release(); }
  Buffer(Buffer&& other) noexcept
      : context_(other.context_),
        allocated_bytes_(other.allocated_bytes_),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(allocated_bytes_, other.allocated_bytes_);
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
    *allocated_bytes_ += size * sizeof(T);
  }

  void release() noexcept {
#ifdef __CUDACC__
    if (data_ != nullptr) cudaFree(data_);
#else
    ::operator delete(static_cast<void*>(data_), kAlignment);
#endif
    *allocated_bytes_ -= capacity_ * sizeof(T);
    data_ = nullptr;
    capacity_ = 0;
    size_ = 0;
  }

  const Context* context_;
  std::shared_ptr<std::size_t> allocated_bytes_;
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
  launch(context, {(n + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock}, parallel_for_kernel<F>, n, body);
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

/// Threads that work on one index together: neighbors within a warp on a GPU, a single thread on the CPU. Their
/// functions are called by all of them at once.
template <int n>
struct Team {
  static constexpr int kLanes = kIsCuda ? n : 1;
  static_assert(n > 0 && n <= 32 && (n & (n - 1)) == 0);

  int lane;

  /// How many lanes before this one have their flag set; `total` gets how many have it in all.
  MOFK_HD int count_before([[maybe_unused]] bool flag, int& total) const {
#ifdef __CUDA_ARCH__
    const unsigned votes = __ballot_sync(mask(), flag) & mask();
    total = __popc(votes);
    return __popc(votes & ((1U << (threadIdx.x % 32)) - 1));
#else
    total = flag ? 1 : 0;
    return 0;
#endif
  }

  /// Sum over the lanes, always in the same order; every lane gets it.
  template <class T>
  MOFK_HD T sum(T x) const {
#ifdef __CUDA_ARCH__
    for (int distance = n / 2; distance > 0; distance /= 2) x += __shfl_xor_sync(mask(), x, distance);
#endif
    return x;
  }

 private:
#ifdef __CUDA_ARCH__
  __device__ static unsigned mask() { return (~0U >> (32 - n)) << (threadIdx.x % 32 / n * n); }
#endif
};

#ifdef __CUDACC__
template <int n, class F>
__global__ void __launch_bounds__(kThreadsPerBlock) parallel_for_teams_kernel(int n_indices, F body) {
  const int thread = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (thread / n < n_indices) body(thread / n, Team<n>{thread % n});
}
#endif

/// body(i, team) for every i in [0, n_indices), by a team of n threads each on a GPU. At most 2^31 / n indices.
template <int n, class F>
void parallel_for_teams(const Context& context, int n_indices, F body, [[maybe_unused]] int grain = 4096) {
#ifdef __CUDACC__
  if (n_indices <= 0) return;
  constexpr int kTeamsPerBlock = kThreadsPerBlock / n;
  launch(context, {(n_indices + kTeamsPerBlock - 1) / kTeamsPerBlock, kThreadsPerBlock},
         parallel_for_teams_kernel<n, F>, n_indices, body);
#else
  parallel_for(context, n_indices, [=](int i) { body(i, Team<n>{0}); }, grain);
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
template <class Op, class T, class F, class Store>
__global__ void __launch_bounds__(kReductionThreads)
    segmented_reduce_kernel(const int* first, T init, F value, Store store) {
  MOFK_SHARED(T[kReductionThreads], partial);
  const int segment = blockIdx.x;
  T sum = init;
  for (int i = first[segment] + threadIdx.x; i < first[segment + 1]; i += kReductionThreads) Op::combine(sum, value(i));
  partial[threadIdx.x] = sum;
  __syncthreads();
  for (int half = kReductionThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) Op::combine(partial[threadIdx.x], partial[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x == 0) store(segment, partial[0]);
}
#endif

/// store(s, init op value(first[s]) op … op value(first[s + 1] - 1)) for every segment s; always in the same order on
/// one device. One block per segment on a GPU: long segments are better cut up and their sums summed.
///   first  [n_segments + 1] on the device, ascending        value  (int) -> T        store  (int, const T&)
/// T is a number or a trivially copyable struct with +=, at most 96 bytes (shared memory of a block).
template <class Op, class T, class F, class Store>
void segmented_reduce_with(const Context& context, int n_segments, const int* first, T init, F value, Store store) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 96);
  if (n_segments <= 0) return;
#ifdef __CUDACC__
  launch(context, {n_segments, kReductionThreads}, segmented_reduce_kernel<Op, T, F, Store>, first, init, value, store);
#else
  const auto reduce_one = [=](int segment) {
    T sum = init;
    for (int i = first[segment]; i < first[segment + 1]; ++i) Op::combine(sum, value(i));
    store(segment, sum);
  };
  parallel_for(context, n_segments, reduce_one, 8);
#endif
}

template <class T>
struct StoreInto {
  T* out;
  MOFK_HD void operator()(int segment, const T& sum) const { out[segment] = sum; }
};

/// The same with out[s] as the place of a segment's result, [n_segments] on the device.
template <class Op, class T, class F>
void segmented_reduce(const Context& context, int n_segments, const int* first, T init, F value, T* out) {
  segmented_reduce_with<Op>(context, n_segments, first, init, value, StoreInto<T>{out});
}

/// out[i] = in[0] + … + in[i - 1] for i in [0, n]; out has n + 1 elements and may not overlap `in`.
void exclusive_scan(const Context& context, int n, const int* in, int* out);

/// *target = the larger of it and `value`.
MOFK_HD inline void atomic_max(int* target, int value) {
#ifdef __CUDA_ARCH__
  atomicMax(target, value);
#else
  int seen = __atomic_load_n(target, __ATOMIC_RELAXED);
  while (seen < value && !__atomic_compare_exchange_n(target, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
#endif
}

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
