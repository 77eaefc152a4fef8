// What the sanitizers have to be told about emulated threads; nothing without them. MOFK_EMULATED_THREADS_SANITIZED is
// set by the build, because the device's own code is not instrumented then.
#pragma once

#include <cstddef>

#ifdef MOFK_EMULATED_THREADS_SANITIZED
#include <sanitizer/tsan_interface.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace mofkernel::emulation {

#ifdef MOFK_EMULATED_THREADS_SANITIZED
inline constexpr bool kFindsRaces = true;
/// Which of the sanitizer's fibers the code that follows belongs to. The switch itself orders nothing.
inline void run_as(void* fiber) { __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync); }
inline void* new_race_fiber() { return __tsan_create_fiber(0); }
inline void* current_race_fiber() { return __tsan_get_current_fiber(); }
/// What came before release(place) is seen by what follows acquire(place).
inline void release(const void* place) { __tsan_release(const_cast<void*>(place)); }
inline void acquire(const void* place) { __tsan_acquire(const_cast<void*>(place)); }
#else
inline constexpr bool kFindsRaces = false;
inline void run_as(void*) {}
inline void* new_race_fiber() { return nullptr; }
inline void* current_race_fiber() { return nullptr; }
inline void release(const void*) {}
inline void acquire(const void*) {}
#endif

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kChecksAddresses = true;
inline void forbid(const void* from, std::size_t bytes) { __asan_poison_memory_region(from, bytes); }
inline void permit(const void* from, std::size_t bytes) { __asan_unpoison_memory_region(from, bytes); }
/// Around a change of stacks: what is kept for the one that is left comes back when it is entered again.
inline void depart(void** kept, const void* stack, std::size_t bytes) {
  __sanitizer_start_switch_fiber(kept, stack, bytes);
}
inline void arrive_on_fiber(void* kept, const void*& host_stack, unsigned long& host_bytes) {
  __sanitizer_finish_switch_fiber(kept, &host_stack, &host_bytes);
}
inline void arrive_on_host(void* kept) { __sanitizer_finish_switch_fiber(kept, nullptr, nullptr); }
#else
inline constexpr bool kChecksAddresses = false;
inline void forbid(const void*, std::size_t) {}
inline void permit(const void*, std::size_t) {}
inline void depart(void**, const void*, std::size_t) {}
inline void arrive_on_fiber(void*, const void*&, unsigned long&) {}
inline void arrive_on_host(void*) {}
#endif

}  // namespace mofkernel::emulation
