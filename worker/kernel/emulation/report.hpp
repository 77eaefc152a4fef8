// How the emulated device tells of an error that a real one would pass over in silence.
#pragma once

#include <cstdlib>
#include <limits>
#include <vector>

namespace mofkernel::emulation {

/// Prints what is wrong and where in the launch, and ends the process by SIGABRT.
[[noreturn]] void fail(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// For what is used while a kernel runs, when the memory of operator new is closed.
template <class T>
struct OpenMemory {
  using value_type = T;
  OpenMemory() = default;
  template <class U>
  OpenMemory(const OpenMemory<U>&) {}
  T* allocate(std::size_t n) {
    void* const place = std::malloc(n * sizeof(T));
    if (place == nullptr) fail("no host memory left");
    return static_cast<T*>(place);
  }
  void deallocate(T* place, std::size_t) { std::free(place); }
  friend bool operator==(OpenMemory, OpenMemory) { return true; }
};

template <class T>
using OpenVector = std::vector<T, OpenMemory<T>>;

}  // namespace mofkernel::emulation
