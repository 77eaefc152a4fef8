// Threads that share an index and a piece of fast memory: a block of a GPU, or one thread of the CPU.
#pragma once

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

/// What every GPU gives a block without being asked.
inline constexpr std::size_t kMostSharedBytes = 48 * 1024;

/// Threads of a block. With four blocks of so many, each thread has half of the registers that it could have.
inline constexpr int kMostBlockThreads = 128;
inline constexpr int kLeastBlocks = 4;

struct Block {
  int thread;
  int n_threads;
  unsigned char* shared;

  /// Until all threads have come here.
  MOFK_HD void wait() const {
#ifdef __CUDA_ARCH__
    __syncthreads();
#endif
  }
};

#ifdef __CUDACC__
template <class F>
__global__ void __launch_bounds__(kMostBlockThreads, kLeastBlocks) parallel_for_blocks_kernel(F body) {
  body(static_cast<int>(blockIdx.x),
       Block{static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x), dynamic_shared<unsigned char>()});
}
#endif

/// body(i, block) for every i in [0, n), by `n_threads` threads each on a GPU, at most kMostBlockThreads, and
/// kMostSharedBytes.
template <class F>
void parallel_for_blocks(const Context& context, int n, [[maybe_unused]] int n_threads,
                         [[maybe_unused]] std::size_t n_shared_bytes, F body) {
#ifdef __CUDACC__
  if (n <= 0) return;
  launch(context, {n, n_threads, n_shared_bytes}, parallel_for_blocks_kernel<F>, body);
#else
  const auto with_memory = [=](int i) {
    alignas(64) unsigned char memory[kMostSharedBytes];
    body(i, Block{0, 1, memory});
  };
  parallel_for(context, n, with_memory, 4);
#endif
}

}  // namespace mofkernel::MOFK_NS::mace
