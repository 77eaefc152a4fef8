// What one place of an adsorbate and one atom of the framework have to do with each other, as formulas alone. V is a
// number or a SIMD pack; no memory is touched and no lane branches.
#pragma once

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Nearer than this (A, squared) counts as this far: a distance of zero must give a number, and every energy is beyond
/// use there.
inline constexpr double kSmallestDistanceSquared = 1e-4;

/// a / r^12 - b / r^6 - shift from 1 / r^2; a = 4 epsilon sigma^12, b = 4 epsilon sigma^6.
template <class V>
MOFK_HD inline V lennard_jones(V a, V b, V shift, V inverse_r2) {
  const V inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
  return (a * inverse_r6 - b) * inverse_r6 - shift;
}

/// c0 + c1 t + c2 t^2 + c3 t^3.
template <class V>
MOFK_HD inline V cubic(V c0, V c1, V c2, V c3, V t) {
  return c0 + t * (c1 + t * (c2 + t * c3));
}

/// Points along each axis that a B-spline of this order reaches.
inline constexpr int kSplineOrder = 8;

/// One step of the recursion: weights of a B-spline of `order` from those of the order below.
template <class V>
MOFK_HD inline void raise_spline_order(V t, int order, V (&weights)[kSplineOrder]) {
  const V one = V{} + 1.0;
  const double scale = 1.0 / (order - 1);
  weights[order - 1] = scale * (t * weights[order - 2]);
  for (int k = order - 2; k > 0; --k) {
    weights[k] = scale * ((t + (order - 1.0 - k)) * weights[k - 1] + (one - t + k * 1.0) * weights[k]);
  }
  weights[0] = scale * ((one - t) * weights[0]);
}

/// Values of the B-spline of order 8 (degree 7) at the grid points around a place that is t (0 to 1) beyond one of
/// them: weights[k] belongs to the point k - 3 steps from there. Source: de Boor's recursion, in the form of Essmann et
/// al., J. Chem. Phys. 103, 8577 (1995), eq. 4.1.
template <class V>
MOFK_HD inline void spline_weights(V t, V (&weights)[kSplineOrder]) {
  weights[0] = (V{} + 1.0) - t;
  weights[1] = t;
  for (int order = 3; order <= kSplineOrder; ++order) raise_spline_order(t, order, weights);
}

/// The same with the derivatives by t: differences of the splines of the order below.
MOFK_HD inline void spline_weights_and_slopes(double t, double (&weights)[kSplineOrder],
                                              double (&slopes)[kSplineOrder]) {
  weights[0] = 1 - t;
  weights[1] = t;
  for (int order = 3; order < kSplineOrder; ++order) raise_spline_order(t, order, weights);
  slopes[0] = -weights[0];
  for (int k = 1; k < kSplineOrder - 1; ++k) slopes[k] = weights[k - 1] - weights[k];
  slopes[kSplineOrder - 1] = weights[kSplineOrder - 2];
  raise_spline_order(t, kSplineOrder, weights);
}

}  // namespace mofkernel::MOFK_NS::insertion
