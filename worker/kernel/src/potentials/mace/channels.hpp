// Some neighboring channels of a row of features, which a thread works on together.
#pragma once

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

/// A wide load of a GPU. Rows of another length than a multiple of it are not aligned for it: one channel at a time. In
/// double precision a thread would have the same numbers for half of the channels only; there one is enough.
template <class T>
inline constexpr int kWideChannels = sizeof(T) == sizeof(float) ? 4 : 1;

template <class T, int n>
struct alignas(n * sizeof(T)) Channels {
  T of[n];

  [[nodiscard]] static MOFK_HD Channels load(const T* from) { return *reinterpret_cast<const Channels*>(from); }
  MOFK_HD void store(T* to) const { *reinterpret_cast<Channels*>(to) = *this; }

  /// this += a * x
  MOFK_HD void add(T a, const Channels& x) {
    for (int j = 0; j < n; ++j) of[j] += a * x.of[j];
  }
  /// this += x * y, channel by channel
  MOFK_HD void add(const Channels& x, const Channels& y) {
    for (int j = 0; j < n; ++j) of[j] += x.of[j] * y.of[j];
  }
};

template <class T, int n>
MOFK_HD Channels<T, n> product(const Channels<T, n>& x, const Channels<T, n>& y) {
  Channels<T, n> result;
  for (int j = 0; j < n; ++j) result.of[j] = x.of[j] * y.of[j];
  return result;
}

/// Sum over the channels of x * y.
template <class T, int n>
MOFK_HD T dot(const Channels<T, n>& x, const Channels<T, n>& y) {
  T sum = 0;
  for (int j = 0; j < n; ++j) sum += x.of[j] * y.of[j];
  return sum;
}

}  // namespace mofkernel::MOFK_NS::mace
