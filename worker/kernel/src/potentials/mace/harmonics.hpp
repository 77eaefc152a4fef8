// Real spherical harmonics as e3nn has them with "component" normalisation: m = 0 along y, the squares of one degree
// sum to 2l + 1. V is a number or a SIMD pack of numbers of type T; no memory is touched and no lane branches. Y_{l,m}
// = N_lm Q_l^m(y) C_m(z, x) and Y_{l,-m} = N_lm Q_l^m(y) S_m(z, x), with C_m + i S_m = (z + i x)^m and Q_l^m the m-th
// derivative of the Legendre polynomial P_l.
#pragma once

#include <type_traits>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Harmonics of all degrees up to l.
MOFK_HD constexpr int n_harmonics(int l) { return (l + 1) * (l + 1); }

constexpr double newton_root(double x) {
  double root = x > 1 ? x : 1;
  for (int n = 0; n < 40; ++n) root = 0.5 * (root + x / root);
  return root;
}

/// (l + m)! / (l - m)!
constexpr double factorial_ratio(int l, int m) {
  double ratio = 1;
  for (int k = l - m + 1; k <= l + m; ++k) ratio *= k;
  return ratio;
}

template <int l, int m>
inline constexpr double kHarmonicNorm = newton_root((2 * l + 1) * (m > 0 ? 2.0 : 1.0) / factorial_ratio(l, m));

/// f(integral_constant) for each of first … last - 1.
template <int first, int last, class F>
MOFK_HD inline void for_each_of(F&& f) {
  if constexpr (first < last) {
    f(std::integral_constant<int, first>{});
    for_each_of<first + 1, last>(f);
  }
}

/// f(degree) for a degree that is known when the program runs.
template <int most, class F>
MOFK_HD inline void with_degree(int degree, F&& f) {
  for_each_of<0, most + 1>([&](auto l) {
    if (degree == l) f(l);
  });
}

template <int l_max, class T, class V = T>
struct Harmonics {
  V x, y, z;
  V c[l_max + 1], s[l_max + 1];
  V q[l_max + 1][l_max + 2];  ///< zero for m > l

  /// Of a unit vector.
  MOFK_HD Harmonics(V x_, V y_, V z_) : x(x_), y(y_), z(z_) {
    const V one = V{} + T(1);
    c[0] = one;
    s[0] = V{};
    for_each_of<0, l_max>([&](auto m) {
      c[m + 1] = z * c[m] - x * s[m];
      s[m + 1] = z * s[m] + x * c[m];
    });
    for_each_of<0, l_max + 1>([&](auto l) {
      q[l][l + 1] = V{};
      if constexpr (l == 0) {
        q[0][0] = one;
      } else {
        q[l][l] = T(2 * l - 1) * q[l - 1][l - 1];
        q[l][l - 1] = T(2 * l - 1) * (y * q[l - 1][l - 1]);
        for_each_of<0, l - 1>([&](auto m) {
          constexpr double f = 1.0 / (l - m);
          q[l][m] = T(f * (2 * l - 1)) * (y * q[l - 1][m]) - T(f * (l + m - 1)) * q[l - 2][m];
        });
      }
    });
  }

  /// out [n_harmonics(l_max)], `stride` apart.
  MOFK_HD void values(V* out, int stride = 1) const {
    for_each_of<0, l_max + 1>([&](auto l) {
      constexpr int middle = l * l + l;
      out[middle * stride] = T(kHarmonicNorm<l, 0>) * q[l][0];
      for_each_of<1, l + 1>([&](auto m) {
        const V f = T(kHarmonicNorm<l, m>) * q[l][m];
        out[(middle + m) * stride] = f * c[m];
        out[(middle - m) * stride] = f * s[m];
      });
    });
  }

  /// What a change of the unit vector does to each harmonic of degree l: out [2 l + 1][3], tangential.
  template <int l>
  MOFK_HD void gradients(V (*out)[3]) const {
    for_each_of<-l, l + 1>([&](auto signed_m) {
      constexpr int m = signed_m < 0 ? -signed_m : signed_m;
      const T norm = T(kHarmonicNorm<l, m>);
      V* const g = out[l + signed_m];
      g[0] = V{};
      g[1] = norm * q[l][m + 1] * (signed_m < 0 ? s[m] : c[m]);
      g[2] = V{};
      if constexpr (m > 0) {
        const V f = T(m) * norm * q[l][m];
        g[0] = f * (signed_m < 0 ? c[m - 1] : -s[m - 1]);
        g[2] = f * (signed_m < 0 ? s[m - 1] : c[m - 1]);
      }
      const V radial = g[0] * x + g[1] * y + g[2] * z;
      g[0] = g[0] - radial * x;
      g[1] = g[1] - radial * y;
      g[2] = g[2] - radial * z;
    });
  }

  /// What a change of the unit vector does to sum of weights[a] Y_a: gradient [3], tangential. Divided by the length
  /// of the vector it is the gradient by the vector.
  MOFK_HD void gradient(const V* weights, V* out) const {
    V g[3] = {V{}, V{}, V{}};
    for_each_of<1, l_max + 1>([&](auto l) {
      constexpr int middle = l * l + l;
      g[1] = g[1] + (T(kHarmonicNorm<l, 0>) * q[l][1]) * weights[middle];
      for_each_of<1, l + 1>([&](auto m) {
        const V plus = T(kHarmonicNorm<l, m>) * weights[middle + m];
        const V minus = T(kHarmonicNorm<l, m>) * weights[middle - m];
        const V f = T(m) * q[l][m];
        g[0] = g[0] + f * (minus * c[m - 1] - plus * s[m - 1]);
        g[1] = g[1] + q[l][m + 1] * (plus * c[m] + minus * s[m]);
        g[2] = g[2] + f * (plus * c[m - 1] + minus * s[m - 1]);
      });
    });
    const V radial = g[0] * x + g[1] * y + g[2] * z;
    out[0] = g[0] - radial * x;
    out[1] = g[1] - radial * y;
    out[2] = g[2] - radial * z;
  }
};

}  // namespace mofkernel::MOFK_NS::mace
