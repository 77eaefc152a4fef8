// The energy terms of UFF4MOF as formulas alone: vectors and parameters in, energy and gradient out. V is a number (one
// term) or a SIMD pack (as many terms as it has lanes); no memory is touched and no lane branches.
// Sources: Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992); Addicoat et al., J. Chem. Theory Comput. 10, 880 (2014).
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

template <class V>
struct Vec3 {
  V x, y, z;
};

template <class V>
MOFK_HD inline Vec3<V> operator+(const Vec3<V>& a, const Vec3<V>& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <class V>
MOFK_HD inline Vec3<V> operator-(const Vec3<V>& a, const Vec3<V>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class V>
MOFK_HD inline Vec3<V> operator*(V f, const Vec3<V>& a) {
  return {f * a.x, f * a.y, f * a.z};
}
template <class V>
MOFK_HD inline V dot(const Vec3<V>& a, const Vec3<V>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <class V>
MOFK_HD inline Vec3<V> cross(const Vec3<V>& a, const Vec3<V>& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

MOFK_HD inline double square_root(double x) { return sqrt(x); }
MOFK_HD inline float square_root(float x) { return sqrtf(x); }
MOFK_HD inline double select(bool condition, double yes, double no) { return condition ? yes : no; }
MOFK_HD inline float select(bool condition, float yes, float no) { return condition ? yes : no; }

namespace formulas {

/// Below this squared sine (times squared lengths, A^4) three atoms are in line and have no plane: the torsion about
/// them, or the inversion, has no direction to push in.
inline constexpr double kNoPlane = 1e-12;

template <class V>
struct BondParameters {
  V k, r0;
};

/// E = k/2 (|d| - r0)^2; gradient with respect to d.
template <class V>
MOFK_HD inline V bond_energy(const BondParameters<V>& p, const Vec3<V>& d, Vec3<V>& gradient) {
  const V r = square_root(dot(d, d));
  const V stretch = r - p.r0;
  gradient = (p.k * stretch / r) * d;
  return V{} + 0.5f * p.k * stretch * stretch;
}

/// sum_m coefficients[m] x^m and its derivative.
template <int n, class V>
MOFK_HD inline V polynomial(const V (&coefficients)[n], V x, V& derivative) {
  V value = coefficients[n - 1];
  derivative = V{};
  for (int m = n - 2; m >= 0; --m) {
    derivative = derivative * x + value;
    value = value * x + coefficients[m];
  }
  return value;
}

template <class V>
struct AngleParameters {
  V coefficients[5];
};

/// E = P(cos of the angle between u and v), both from the centre.
template <class V>
MOFK_HD inline V angle_energy(const AngleParameters<V>& p, const Vec3<V>& u, const Vec3<V>& v, Vec3<V>& gradient_u,
                              Vec3<V>& gradient_v) {
  const V one = V{} + 1.0f;
  const V inverse_u = one / square_root(dot(u, u));
  const V inverse_v = one / square_root(dot(v, v));
  const Vec3<V> unit_u = inverse_u * u;
  const Vec3<V> unit_v = inverse_v * v;
  const V cosine = dot(unit_u, unit_v);
  V slope;
  const V energy = polynomial(p.coefficients, cosine, slope);
  gradient_u = (slope * inverse_u) * (unit_v - cosine * unit_u);
  gradient_v = (slope * inverse_v) * (unit_u - cosine * unit_v);
  return energy;
}

template <class V>
struct TorsionParameters {
  V coefficients[7];
};

/// E = P(cos phi); a = from j to i, b = from j to k, c = from k to l; phi = 180 degrees is trans.
template <class V>
MOFK_HD inline V torsion_energy(const TorsionParameters<V>& p, const Vec3<V>& a, const Vec3<V>& b, const Vec3<V>& c,
                                Vec3<V>& gradient_a, Vec3<V>& gradient_b, Vec3<V>& gradient_c) {
  // Normals of the planes i-j-k and j-k-l, both with the same sense of rotation about b.
  const Vec3<V> m = cross(b, a);
  const Vec3<V> n = cross(b, c);
  const V one = V{} + 1.0f;
  const V zero = V{};
  const V no_plane = V{} + static_cast<float>(kNoPlane);
  const V mm = dot(m, m);
  const V nn = dot(n, n);
  const V inverse_m = select(mm > no_plane, one / square_root(mm), zero);
  const V inverse_n = select(nn > no_plane, one / square_root(nn), zero);
  const Vec3<V> unit_m = inverse_m * m;
  const Vec3<V> unit_n = inverse_n * n;
  const V cosine = dot(unit_m, unit_n);
  V slope;
  const V energy = polynomial(p.coefficients, cosine, slope);
  const Vec3<V> gradient_m = (slope * inverse_m) * (unit_n - cosine * unit_m);
  const Vec3<V> gradient_n = (slope * inverse_n) * (unit_m - cosine * unit_n);
  gradient_a = cross(gradient_m, b);
  gradient_b = cross(a, gradient_m) + cross(c, gradient_n);
  gradient_c = cross(gradient_n, b);
  return energy;
}

template <class V>
struct InversionParameters {
  V k, c0, c1, c2;
};

/// E = k (c0 + c1 cos w + c2 cos 2w), w between l and the plane of j and k, all from the centre.
/// cos w is negative when l lies on the side of j and k.
template <class V>
MOFK_HD inline V inversion_energy(const InversionParameters<V>& p, const Vec3<V>& j, const Vec3<V>& k, const Vec3<V>& l,
                                  Vec3<V>& gradient_j, Vec3<V>& gradient_k, Vec3<V>& gradient_l) {
  const V one = V{} + 1.0f;
  const V zero = V{};
  const V no_plane = V{} + static_cast<float>(kNoPlane);
  const Vec3<V> normal = cross(j, k);
  const V normal_squared = dot(normal, normal);
  const V inverse_normal = select(normal_squared > no_plane, one / square_root(normal_squared), zero);
  const Vec3<V> unit_normal = inverse_normal * normal;
  const V inverse_l = one / square_root(dot(l, l));
  const Vec3<V> unit_l = inverse_l * l;
  const V sine = dot(unit_normal, unit_l);
  const V inverse_j = one / square_root(dot(j, j));
  const V inverse_k = one / square_root(dot(k, k));
  const V side = inverse_j * dot(unit_l, j) + inverse_k * dot(unit_l, k);
  const V cosine_squared = one - sine * sine;
  const V has_direction = select(cosine_squared > no_plane, one, zero);
  const V cosine_magnitude = square_root(select(cosine_squared > no_plane, cosine_squared, one)) * has_direction;
  const V cosine = select(side > zero, -cosine_magnitude, cosine_magnitude);
  const V cosine_or_one = select(cosine_squared > no_plane, cosine, one);
  // cos 2w = 2 cos^2 w - 1; d(cos w)/d(sin w) = -sin w / cos w.
  const V energy = p.k * (p.c0 - p.c2 + cosine * (p.c1 + 2.0f * p.c2 * cosine));
  const V slope = -p.k * (p.c1 + 4.0f * p.c2 * cosine) * sine / cosine_or_one * has_direction;
  gradient_l = (slope * inverse_l) * (unit_normal - sine * unit_l);
  const Vec3<V> gradient_normal = (slope * inverse_normal) * (unit_l - sine * unit_normal);
  gradient_j = cross(k, gradient_normal);
  gradient_k = cross(gradient_normal, j);
  return energy;
}

/// a = epsilon x^12 and b = 2 epsilon x^6 of the pair, so that E = a/r^12 - b/r^6.
template <class V>
struct PairParameters {
  V a, b;
};

/// Where the Lennard-Jones energy is switched off.
template <class V>
struct SwitchParameters {
  V start, inverse_width;
};

/// Lennard-Jones energy and (dE/dr)/r at a distance of which the inverse square is given.
template <class V>
MOFK_HD inline V lennard_jones_at(const PairParameters<V>& p, V inverse_r2, V& slope_over_r) {
  const V inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
  const V repulsion = p.a * inverse_r6;
  const V excess = repulsion - p.b;
  slope_over_r = (-6.0f * inverse_r2) * inverse_r6 * (excess + repulsion);
  return inverse_r6 * excess;
}

/// The same times 1 - 10 t^3 + 15 t^4 - 6 t^5 with t = (r - start) / width inside [0, 1]: value, slope and curvature go
/// to zero at the cutoff without a jump.
template <class V>
MOFK_HD inline V switched_lennard_jones_at(const PairParameters<V>& p, const SwitchParameters<V>& s, V distance_squared,
                                           V inverse_r2, V& slope_over_r) {
  const V one = V{} + 1.0f;
  const V zero = V{};
  V plain_slope_over_r;
  const V plain_energy = lennard_jones_at(p, inverse_r2, plain_slope_over_r);
  const V r = square_root(distance_squared);
  V t = (r - s.start) * s.inverse_width;
  t = select(t > zero, t, zero);
  t = select(t < one, t, one);
  const V factor = one - t * t * t * (10.0f * one + t * (6.0f * t - 15.0f * one));
  const V factor_slope = -30.0f * t * t * (one - t) * (one - t) * s.inverse_width;
  slope_over_r = factor * plain_slope_over_r + plain_energy * factor_slope * (r * inverse_r2);
  return factor * plain_energy;
}

template <bool is_switched, class V>
MOFK_HD inline V pair_energy_at(const PairParameters<V>& p, const SwitchParameters<V>& s, V distance_squared,
                                V inverse_r2, V& slope_over_r) {
  if constexpr (is_switched) {
    return switched_lennard_jones_at(p, s, distance_squared, inverse_r2, slope_over_r);
  } else {
    return lennard_jones_at(p, inverse_r2, slope_over_r);
  }
}

template <bool is_switched, class V>
MOFK_HD inline V pair_energy(const PairParameters<V>& p, const SwitchParameters<V>& s, V distance_squared,
                             V& slope_over_r) {
  return pair_energy_at<is_switched>(p, s, distance_squared, (V{} + 1.0f) / distance_squared, slope_over_r);
}

}  // namespace formulas
}  // namespace mofkernel::MOFK_NS
