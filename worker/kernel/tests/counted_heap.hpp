// Counts what a test program allocates with operator new: the bytes that are in use, and the most that ever were.
// Included by one file of a program, because it replaces the operators.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace mofkernel::counted_heap {

inline std::atomic<std::size_t> bytes_in_use{0};
inline std::atomic<std::size_t> most_in_use{0};

/// Kept right before the bytes that the program gets.
struct Label {
  void* begin;
  std::size_t size;
};

inline void* allocate(std::size_t size, std::size_t alignment) noexcept {
  const std::size_t room = std::max(alignment, alignof(std::max_align_t)) + sizeof(Label);
  void* const begin = std::malloc(size + room);
  if (begin == nullptr) return nullptr;
  const auto first = reinterpret_cast<std::uintptr_t>(begin) + sizeof(Label);
  const auto place = (first + alignment - 1) / alignment * alignment;
  const Label label{begin, size};
  std::memcpy(reinterpret_cast<void*>(place - sizeof(Label)), &label, sizeof(Label));
  const std::size_t in_use = bytes_in_use.fetch_add(size) + size;
  std::size_t most = most_in_use.load();
  while (most < in_use && !most_in_use.compare_exchange_weak(most, in_use)) {
  }
  return reinterpret_cast<void*>(place);
}

inline void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* const place = allocate(size, alignment);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

inline void release(void* place) noexcept {
  if (place == nullptr) return;
  Label label;
  std::memcpy(&label, static_cast<char*>(place) - sizeof(Label), sizeof(Label));
  bytes_in_use.fetch_sub(label.size);
  std::free(label.begin);
}

inline std::size_t bytes() { return bytes_in_use; }
/// The peak counts from here; the bytes in use now.
inline std::size_t restart_peak() {
  most_in_use = bytes_in_use.load();
  return most_in_use;
}
inline std::size_t peak_bytes() { return most_in_use; }

inline constexpr std::size_t kUsual = alignof(std::max_align_t);

}  // namespace mofkernel::counted_heap

// Arrays and the forms with a size come here by default; the standard wants these functions not inline.
void* operator new(std::size_t size) {
  return mofkernel::counted_heap::allocate_or_throw(size, mofkernel::counted_heap::kUsual);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return mofkernel::counted_heap::allocate(size, mofkernel::counted_heap::kUsual);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return mofkernel::counted_heap::allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return mofkernel::counted_heap::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* place) noexcept { mofkernel::counted_heap::release(place); }
void operator delete(void* place, std::size_t) noexcept { mofkernel::counted_heap::release(place); }
void operator delete(void* place, std::align_val_t) noexcept { mofkernel::counted_heap::release(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { mofkernel::counted_heap::release(place); }
