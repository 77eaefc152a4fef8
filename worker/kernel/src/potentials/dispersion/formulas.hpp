// The formulas of D3(BJ), for host and device. T is float or double, Number is T or several of them at once.
#pragma once

#include <cmath>

#include "backend/backend.hpp"
#include "potentials/dispersion/reference_table.hpp"

namespace mofkernel::dispersion {

MOFK_HD inline double reciprocal(double x) { return 1.0 / x; }
MOFK_HD inline float reciprocal(float x) { return 1.0F / x; }
MOFK_HD inline double exponential(double x) { return exp(x); }
MOFK_HD inline float exponential(float x) { return expf(x); }

/// What a neighbor adds to a coordination number: 1 / (1 + exp(-16 (bond / r - 1))).
///   inverse  1 / r        bond  4/3 of the sum of the covalent radii        slope  gets (d / dr) / r
template <class T, class Number>
MOFK_HD inline Number count_neighbor(Number inverse, Number bond, Number& slope) {
  const Number x = bond * inverse;
  const Number y = exponential(T(-16) * x + T(16));
  const Number count = reciprocal(y + T(1));
  slope = T(-16) * (count * count) * (y * x) * (inverse * inverse);
  return count;
}

/// Damped attraction of a pair per C6: s6 / (r^6 + R^6) + s8 C8/C6 / (r^8 + R^8); the energy is -C6 times it.
///   ratio  s8 C8 / C6        slope  gets -(d / dr) / r
template <class T, class Number>
MOFK_HD inline Number attraction(Number r2, T s6, Number ratio, Number r0_6, Number r0_8, Number& slope) {
  const Number r4 = r2 * r2;
  const Number r6 = r4 * r2;
  const Number d6 = r6 + r0_6;
  const Number d8 = r4 * r4 + r0_8;
  const Number inverse = reciprocal(d6 * d8);
  const Number t6 = d8 * inverse;
  const Number t8 = d6 * inverse;
  const Number a6 = s6 * t6;
  const Number a8 = ratio * t8;
  slope = r4 * (T(6) * (a6 * t6) + T(8) * (r2 * (a8 * t8)));
  return a6 + a8;
}

/// How much of each reference is in an atom with coordination number cn: Gaussians (exponent 4) around the references',
/// normalized. Counted from the nearest one, so that something is left of it however far away it is.
///   weight, slope  [kLargestReferenceCount] get the weights and their derivatives, 0 where there is no reference
MOFK_HD inline void weigh_references(int n_references, const double* reference_cn, double cn, double* weight,
                                     double* slope) {
  double nearest = 1e300;
  for (int a = 0; a < n_references; ++a) {
    const double d = cn - reference_cn[a];
    nearest = d * d < nearest ? d * d : nearest;
  }
  double sum = 0;
  double sum_of_slopes = 0;
  for (int a = 0; a < kLargestReferenceCount; ++a) {
    const double d = cn - reference_cn[a];
    weight[a] = a < n_references ? exp(-4 * (d * d - nearest)) : 0.0;
    slope[a] = -8 * d * weight[a];
    sum += weight[a];
    sum_of_slopes += slope[a];
  }
  for (int a = 0; a < kLargestReferenceCount; ++a) {
    weight[a] /= sum;
    slope[a] = (slope[a] - weight[a] * sum_of_slopes) / sum;
  }
}

}  // namespace mofkernel::dispersion
