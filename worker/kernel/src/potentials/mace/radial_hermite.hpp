// Interpolation between two knots of a RadialTable, the same on every backend.
#pragma once

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Weights of the 2 (1 + n_derivatives) rows of an interval, in the order of the table: value, first (, second)
/// derivative of its first knot, then of its second.
template <class T, int n_derivatives>
struct HermiteWeights {
  static constexpr int kRows = 2 * (1 + n_derivatives);
  T value[kRows];
  T slope[kRows];  ///< of the derivative by t: the one by r is that over the spacing
};

/// Cubic (n_derivatives 1) or quintic (2) at t in [0, 1].
template <class T, int n_derivatives>
MOFK_HD inline HermiteWeights<T, n_derivatives> hermite_weights(T t) {
  static_assert(n_derivatives == 1 || n_derivatives == 2);
  const T t2 = t * t;
  const T u = T(1) - t;
  const T u2 = u * u;
  if constexpr (n_derivatives == 1) {
    const T bump = T(6) * t * u;
    return {{(T(1) + T(2) * t) * u2, t * u2, t2 * (T(3) - T(2) * t), -t2 * u},
            {-bump, u * (T(1) - T(3) * t), bump, t * (T(3) * t - T(2))}};
  } else {
    const T t3 = t2 * t;
    const T u3 = u2 * u;
    const T bump = T(30) * t2 * u2;
    return {{u3 * (T(1) + t * (T(3) + T(6) * t)), t * u3 * (T(1) + T(3) * t), T(0.5) * t2 * u3,
             t3 * (T(1) + u * (T(3) + T(6) * u)), -u * t3 * (T(1) + T(3) * u), T(0.5) * u2 * t3},
            {-bump, u2 * (T(1) + t * (T(2) - T(15) * t)), T(0.5) * t * u2 * (T(2) - T(5) * t), bump,
             t2 * (T(1) + u * (T(2) - T(15) * u)), T(-0.5) * u * t2 * (T(2) - T(5) * u)}};
  }
}

}  // namespace mofkernel::MOFK_NS::mace
