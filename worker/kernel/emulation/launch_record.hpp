// A launch with its arguments, kept until the emulated device gets to it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "execution.hpp"

namespace mofkernel::emulation {

/// Kept by malloc: the memory of operator new is closed while a kernel runs.
struct LaunchRecord {
  int n_holders = 1;
  LaunchShape shape;
  const char* signature;  ///< names the kernel's parameters and so its lambda
  const void* arguments;  ///< copies, as a launch makes them
  std::size_t n_argument_bytes;
  void (*run_thread)(const LaunchRecord&);  ///< one thread of it
};

namespace detail {

template <class... Parameters>
struct Call {
  void (*kernel)(Parameters...);
  std::tuple<Parameters...> arguments;

  static void run(const LaunchRecord& record) {
    const Call& call = *static_cast<const Call*>(record.arguments);
    std::apply(call.kernel, call.arguments);
  }
  static const char* signature() { return __PRETTY_FUNCTION__; }
};

}  // namespace detail

template <class... Parameters, class... Arguments>
LaunchRecord* record_launch(void (*kernel)(Parameters...), Arguments&&... arguments) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...), "a launch copies its arguments byte by byte");
  using Call = detail::Call<Parameters...>;
  static_assert(sizeof(std::tuple<Parameters...>) <= 4096, "a launch takes at most 4 KiB of arguments");
  auto* const record = new (std::malloc(sizeof(LaunchRecord))) LaunchRecord{};
  void* const place = std::calloc(1, sizeof(Call));  // bytes between the arguments are zero, not somebody's pointers
  record->arguments = new (place) Call{kernel, std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)};
  record->n_argument_bytes = sizeof(Call);
  record->signature = Call::signature();
  record->run_thread = &Call::run;
  return record;
}

inline void discard(LaunchRecord* record) {
  if (--record->n_holders > 0) return;
  std::free(const_cast<void*>(record->arguments));
  std::free(record);
}

}  // namespace mofkernel::emulation
