// Loops over the rows of a batch that suit both backends: many short segments of many structures in one launch on a
// GPU, blocks that the compiler can vectorize on the CPU.
#pragma once

#include <cfloat>
#include <cmath>

#include "optimizers/cell_filter.hpp"

namespace mofkernel::MOFK_NS {

MOFK_HD inline double square(double x) { return x * x; }
MOFK_HD inline bool is_finite(double x) { return fabs(x) <= DBL_MAX; }
MOFK_HD inline double dot_rows(const double* a, const double* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// Values that go through one body together: neighboring threads of a GPU read neighboring values by themselves.
inline constexpr int kBlock = kIsCuda ? 1 : 128;

/// Threads that work on one structure together in for_each_team.
inline constexpr int kTeam = kIsCuda ? 128 : 1;

#ifdef __CUDACC__
inline constexpr int kSegmentThreads = 128;

template <class F>
__global__ void __launch_bounds__(kTeam) team_kernel(F body) {
  body(static_cast<int>(blockIdx.x), static_cast<int>(threadIdx.x));
}

template <class T, class F>
__global__ void __launch_bounds__(kSegmentThreads)
    reduce_slots_kernel(const int* first_row, int n_slots, int stride, T init, F value, T* out) {
  MOFK_SHARED(T[kSegmentThreads], partial);
  const int structure = blockIdx.x / n_slots;
  const int slot = blockIdx.x % n_slots;
  T sum = init;
  for (int row = first_row[structure] + threadIdx.x; row < first_row[structure + 1]; row += kSegmentThreads) {
    sum += value(slot, row);
  }
  partial[threadIdx.x] = sum;
  __syncthreads();
  for (int half = kSegmentThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[structure * stride + slot] = partial[0];
}
#endif

/// What one thread of a team has written is seen by the others after it; every thread of the team has to come here.
MOFK_HD inline void team_barrier() {
#ifdef __CUDA_ARCH__
  __syncthreads();
#endif
}

/// body(structure, lane) for every structure and every lane in [0, kTeam).
template <class F>
void for_each_team(const Context& context, int n_structures, F body) {
  if (n_structures <= 0) return;
#ifdef __CUDACC__
  launch(context, {n_structures, kTeam}, team_kernel<F>, body);
#else
  parallel_for(context, n_structures, [=](int structure) { body(structure, 0); }, 1);
#endif
}

/// out[structure * stride + slot] = init + the sum of value(slot, row) over the structure's rows, for slot in
/// [0, n_slots); always in the same order on one device.
template <class T, class F>
void reduce_slots(const Context& context, const RowLayout& layout, int n_slots, int stride, T init, F value, T* out) {
  if (layout.n_structures <= 0 || n_slots <= 0) return;
  const int* const first_row = layout.first_row.data();
#ifdef __CUDACC__
  launch(context, {layout.n_structures * n_slots, kSegmentThreads}, reduce_slots_kernel<T, F>, first_row, n_slots,
         stride, init, value, out);
#else
  constexpr int kRowsPerThread = 4096;
  const auto reduce_one = [=](int segment) {
    const int structure = segment / n_slots;
    const int slot = segment % n_slots;
    T sum = init;
    for (int row = first_row[structure]; row < first_row[structure + 1]; ++row) sum += value(slot, row);
    out[structure * stride + slot] = sum;
  };
  const int rows_per_segment = std::max(1, layout.n_rows / layout.n_structures);
  parallel_for(context, layout.n_structures * n_slots, reduce_one, std::max(1, kRowsPerThread / rows_per_segment));
#endif
}

/// body(structure, first, last) for blocks of at most kBlock values of one structure, [first, last) within
/// [0, 3 n_rows); together they are all values.
template <class F>
void for_each_block(const Context& context, const RowLayout& layout, F body) {
  const int* const structure_of_row = layout.structure_of_row.data();
  const int* const first_row = layout.first_row.data();
  const int n_values = 3 * layout.n_rows;
  parallel_for(
      context, (n_values + kBlock - 1) / kBlock,
      MOFK_LAMBDA(int block) {
        int first = block * kBlock;
        const int end = first + kBlock < n_values ? first + kBlock : n_values;
        while (first < end) {
          const int structure = structure_of_row[first / 3];
          const int end_of_structure = 3 * first_row[structure + 1];
          const int last = end < end_of_structure ? end : end_of_structure;
          body(structure, first, last);
          first = last;
        }
      },
      16);
}

}  // namespace mofkernel::MOFK_NS
