// std::vector that begins where a cache line does: half of all SIMD packs would cross a line otherwise, which cost 3 %
// of an evaluation.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace mofkernel::cpu {

template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <class Other>
  explicit CacheLineAllocator(const CacheLineAllocator<Other>& /*other*/) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* data, std::size_t /*n*/) { ::operator delete(data, kAlignment); }
  bool operator==(const CacheLineAllocator& /*other*/) const { return true; }
};

template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace mofkernel::cpu
