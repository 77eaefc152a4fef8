// Four doubles or eight floats at once, for *.simd.cpp files only: those are compiled once for each instruction set
// (MOFK_SIMD_NS names it), so nothing in here, and nothing they include, may leave code behind under a name that the
// copies share.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace mofkernel::cpu::MOFK_SIMD_NS {

/// Numbers of type T (double or float) that fill 32 bytes.
template <class T>
inline constexpr int kLanesOf = static_cast<int>(32 / sizeof(T));

inline constexpr int kLanes = kLanesOf<double>;

template <class T>
struct VectorTypes;

template <>
struct VectorTypes<double> {
  using Numbers = double __attribute__((vector_size(32)));
  using Bits = long long __attribute__((vector_size(32)));
  using Integers = int __attribute__((vector_size(16)));
  /// In memory, at any address that a number of its type may have.
  using NumbersInMemory = double __attribute__((vector_size(32), aligned(8), may_alias));
  using IntegersInMemory = int __attribute__((vector_size(16), aligned(4), may_alias));
};

template <>
struct VectorTypes<float> {
  using Numbers = float __attribute__((vector_size(32)));
  using Bits = int __attribute__((vector_size(32)));
  using Integers = int __attribute__((vector_size(32)));
  using NumbersInMemory = float __attribute__((vector_size(32), aligned(4), may_alias));
  using IntegersInMemory = int __attribute__((vector_size(32), aligned(4), may_alias));
};

using Doubles = VectorTypes<double>::Numbers;
using Longs = VectorTypes<double>::Bits;

template <class T>
struct MaskOf {
  typename VectorTypes<T>::Bits v;
  friend MaskOf operator&(MaskOf a, MaskOf b) { return {a.v & b.v}; }
};

/// A number that formulas.hpp can calculate with.
template <class T>
struct PackOf {
  typename VectorTypes<T>::Numbers v;

  friend PackOf operator+(PackOf a, PackOf b) { return {a.v + b.v}; }
  friend PackOf operator-(PackOf a, PackOf b) { return {a.v - b.v}; }
  friend PackOf operator*(PackOf a, PackOf b) { return {a.v * b.v}; }
  friend PackOf operator/(PackOf a, PackOf b) { return {a.v / b.v}; }
  friend PackOf operator-(PackOf a) { return {-a.v}; }
  friend PackOf operator+(PackOf a, T b) { return {a.v + b}; }
  friend PackOf operator*(T a, PackOf b) { return {a * b.v}; }
  friend MaskOf<T> operator>(PackOf a, PackOf b) { return {a.v > b.v}; }
  friend MaskOf<T> operator<(PackOf a, PackOf b) { return {a.v < b.v}; }
};

using Pack = PackOf<double>;
using PackMask = MaskOf<double>;

template <class T>
inline PackOf<T> load(const T* from) {
  return {*reinterpret_cast<const typename VectorTypes<T>::NumbersInMemory*>(from)};
}
template <class T>
inline void store(T* to, PackOf<T> a) {
  *reinterpret_cast<typename VectorTypes<T>::NumbersInMemory*>(to) = a.v;
}
template <class T>
inline PackOf<T> broadcast(T x) {
  return {x - typename VectorTypes<T>::Numbers{}};
}
inline double horizontal_sum(PackOf<double> a) { return (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]); }
inline double horizontal_sum(PackOf<float> a) {
  const auto sum = [&](int k) { return static_cast<double>(a.v[k]) + static_cast<double>(a.v[k + 1]); };
  return (sum(0) + sum(2)) + (sum(4) + sum(6));
}
template <class T>
inline PackOf<T> select(MaskOf<T> mask, PackOf<T> yes, PackOf<T> no) {
  return {mask.v ? yes.v : no.v};
}
/// Zero where the mask is false, whatever stands there, also where it is no number.
template <class T>
inline PackOf<T> keep(MaskOf<T> mask, PackOf<T> a) {
  using Bits = typename VectorTypes<T>::Bits;
  using Numbers = typename VectorTypes<T>::Numbers;
  return {reinterpret_cast<Numbers>(mask.v & reinterpret_cast<Bits>(a.v))};
}

/// Lane l is true where bit l is set.
template <class T>
inline MaskOf<T> mask_of_bits(int bits) {
  using Bits = typename VectorTypes<T>::Bits;
  Bits bit_of_lane;
  for (int l = 0; l < kLanesOf<T>; ++l) bit_of_lane[l] = 1 << l;
  return {((Bits{} + bits) & bit_of_lane) != 0};
}

/// The reverse.
inline int bits_of(MaskOf<double> mask) {
#if defined(__AVX2__)
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(mask.v));
#else
  return static_cast<int>((mask.v[0] & 1) | (mask.v[1] & 2) | (mask.v[2] & 4) | (mask.v[3] & 8));
#endif
}

inline bool is_any_true(PackMask mask) { return bits_of(mask) != 0; }

inline Pack square_root(Pack a) {
#if defined(__AVX2__)
  return {_mm256_sqrt_pd(a.v)};
#else
  return {Doubles{__builtin_sqrt(a.v[0]), __builtin_sqrt(a.v[1]), __builtin_sqrt(a.v[2]), __builtin_sqrt(a.v[3])}};
#endif
}
inline PackOf<float> square_root(PackOf<float> a) {
#if defined(__AVX2__)
  return {_mm256_sqrt_ps(a.v)};
#else
  for (int k = 0; k < kLanesOf<float>; ++k) a.v[k] = __builtin_sqrtf(a.v[k]);
  return a;
#endif
}

/// Rows of four numbers x, y, z, (unused) at four places -> the x, the y and the z of all four.
inline void load_rows(const double* r0, const double* r1, const double* r2, const double* r3, Pack& x, Pack& y,
                      Pack& z) {
  const Doubles a = load(r0).v;
  const Doubles b = load(r1).v;
  const Doubles c = load(r2).v;
  const Doubles d = load(r3).v;
  const Doubles xz_ab = __builtin_shufflevector(a, b, 0, 4, 2, 6);
  const Doubles yw_ab = __builtin_shufflevector(a, b, 1, 5, 3, 7);
  const Doubles xz_cd = __builtin_shufflevector(c, d, 0, 4, 2, 6);
  const Doubles yw_cd = __builtin_shufflevector(c, d, 1, 5, 3, 7);
  x.v = __builtin_shufflevector(xz_ab, xz_cd, 0, 1, 4, 5);
  y.v = __builtin_shufflevector(yw_ab, yw_cd, 0, 1, 4, 5);
  z.v = __builtin_shufflevector(xz_ab, xz_cd, 2, 3, 6, 7);
}

/// The reverse: four rows x, y, z, 0.
struct Rows {
  Pack row[4];
};

inline Rows to_rows(Pack x, Pack y, Pack z) {
  const Doubles zero{};
  const Doubles xy_02 = __builtin_shufflevector(x.v, y.v, 0, 4, 2, 6);
  const Doubles xy_13 = __builtin_shufflevector(x.v, y.v, 1, 5, 3, 7);
  const Doubles z0_02 = __builtin_shufflevector(z.v, zero, 0, 4, 2, 6);
  const Doubles z0_13 = __builtin_shufflevector(z.v, zero, 1, 5, 3, 7);
  return {{{__builtin_shufflevector(xy_02, z0_02, 0, 1, 4, 5)},
           {__builtin_shufflevector(xy_13, z0_13, 0, 1, 4, 5)},
           {__builtin_shufflevector(xy_02, z0_02, 2, 3, 6, 7)},
           {__builtin_shufflevector(xy_13, z0_13, 2, 3, 6, 7)}}};
}

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
