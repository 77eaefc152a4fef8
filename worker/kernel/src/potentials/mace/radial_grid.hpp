// Where the knots of a RadialTable lie, the same on every backend.
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

MOFK_HD inline double log_of_one_plus(double x) { return log1p(x); }
MOFK_HD inline float log_of_one_plus(float x) { return log1pf(x); }

/// The place of a distance among the knots is knots_per_log * log(1 + (r - first_A) / stretch_A): knots lie closer to
/// each other at short distances, where the functions are steep, the more so the smaller the stretch. Before the first
/// knot it goes on as a straight line.
template <class T>
struct RadialGrid {
  T first_A;
  T stretch_A;
  T knots_per_log;

  MOFK_HD T place_of(T r_A) const {
    const T beyond = (r_A - first_A) / stretch_A;
    return knots_per_log * (beyond > T(0) ? log_of_one_plus(beyond) : beyond);
  }
  /// Its derivative by r, 1/A.
  MOFK_HD T slope_of(T r_A) const {
    const T beyond = r_A - first_A;
    return knots_per_log / (stretch_A + (beyond > T(0) ? beyond : T(0)));
  }
};

}  // namespace mofkernel::MOFK_NS::mace
