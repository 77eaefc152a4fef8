// Sharing out work over the CPU's threads.
#pragma once

#include <cstdint>
#include <utility>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace mofkernel::cpu {

/// Share [first, last) of part `part` of `n_parts` of n things.
inline std::pair<int, int> share(int n, int part, int n_parts) {
  const auto at = [=](int k) { return static_cast<int>(static_cast<std::int64_t>(n) * k / n_parts); };
  return {at(part), at(part + 1)};
}

/// body(thread, n_threads), on as many threads as the system grants of those asked for. It throws nothing.
template <class Body>
void on_threads([[maybe_unused]] int n_threads, Body body) {
#ifdef _OPENMP
  if (n_threads > 1) {
#pragma omp parallel num_threads(n_threads)
    body(omp_get_thread_num(), omp_get_num_threads());
    return;
  }
#endif
  body(0, 1);
}

/// Inside the body of on_threads(): all of its threads come here before one goes on.
inline void wait_for_all_threads() {
#ifdef _OPENMP
#pragma omp barrier
#endif
}

}  // namespace mofkernel::cpu
