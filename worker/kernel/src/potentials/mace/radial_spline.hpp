// Interpolation in a RadialTable, the same on every backend: splines of degree five over knots at 0, 1, 2 …
#pragma once

#include "backend/backend.hpp"

namespace mofkernel::mace {

inline constexpr int kSplineDegree = 5;
/// B-splines that are not zero between two knots: a table has one row less than these more than it has intervals.
inline constexpr int kSplineRows = kSplineDegree + 1;

}  // namespace mofkernel::mace

namespace mofkernel::MOFK_NS::mace {

using mofkernel::mace::kSplineDegree, mofkernel::mace::kSplineRows;

template <class T>
struct SplineWeights {
  T value[kSplineRows];
  T slope[kSplineRows];  ///< of the derivative by t
};

/// Of the B-splines on an interval, from left to right, at t in [0, 1]. Cox and de Boor's recursion: every term of it
/// is positive, so nothing cancels.
template <class T>
MOFK_HD inline SplineWeights<T> spline_weights(T t) {
  SplineWeights<T> weights{};
  T* const value = weights.value;
  value[0] = T(1);
  for (int degree = 1; degree <= kSplineDegree; ++degree) {
    if (degree == kSplineDegree) {
      for (int c = 0; c <= degree; ++c)
        weights.slope[c] = (c > 0 ? value[c - 1] : T(0)) - (c < degree ? value[c] : T(0));
    }
    const T inverse = T(1) / T(degree);
    for (int c = degree; c >= 0; --c) {
      const T left = c > 0 ? (t + T(degree - c)) * value[c - 1] : T(0);
      const T right = c < degree ? (T(1 + c) - t) * value[c] : T(0);
      value[c] = inverse * (left + right);
    }
  }
  return weights;
}

}  // namespace mofkernel::MOFK_NS::mace
