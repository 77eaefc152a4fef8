// Four doubles at once, for *.simd.cpp files only: those are compiled once for each instruction set (MOFK_SIMD_NS names
// it), so nothing in here, and nothing they include, may leave code behind under a name that the copies share.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace mofkernel::cpu::MOFK_SIMD_NS {

inline constexpr int kLanes = 4;

using Doubles = double __attribute__((vector_size(32)));
using Longs = long long __attribute__((vector_size(32)));
/// Four doubles in memory, at any address that a double may have.
using DoublesInMemory = double __attribute__((vector_size(32), aligned(8), may_alias));

/// A number that formulas.hpp can calculate with.
struct Pack {
  Doubles v;
};

struct PackMask {
  Longs v;
};

inline Pack load(const double* from) { return {*reinterpret_cast<const DoublesInMemory*>(from)}; }
inline void store(double* to, Pack a) { *reinterpret_cast<DoublesInMemory*>(to) = a.v; }
inline Pack broadcast(double x) { return {Doubles{x, x, x, x}}; }
inline double horizontal_sum(Pack a) { return (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]); }

inline Pack operator+(Pack a, Pack b) { return {a.v + b.v}; }
inline Pack operator-(Pack a, Pack b) { return {a.v - b.v}; }
inline Pack operator*(Pack a, Pack b) { return {a.v * b.v}; }
inline Pack operator/(Pack a, Pack b) { return {a.v / b.v}; }
inline Pack operator-(Pack a) { return {-a.v}; }
inline Pack operator+(Pack a, double b) { return {a.v + b}; }
inline Pack operator*(double a, Pack b) { return {a * b.v}; }
inline PackMask operator>(Pack a, Pack b) { return {a.v > b.v}; }
inline PackMask operator<(Pack a, Pack b) { return {a.v < b.v}; }
inline Pack select(PackMask mask, Pack yes, Pack no) { return {mask.v ? yes.v : no.v}; }

inline bool is_any_true(PackMask mask) {
#if defined(__AVX2__)
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(mask.v)) != 0;
#else
  return (mask.v[0] | mask.v[1] | mask.v[2] | mask.v[3]) != 0;
#endif
}

inline Pack square_root(Pack a) {
#if defined(__AVX2__)
  return {_mm256_sqrt_pd(a.v)};
#else
  return {Doubles{__builtin_sqrt(a.v[0]), __builtin_sqrt(a.v[1]), __builtin_sqrt(a.v[2]), __builtin_sqrt(a.v[3])}};
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
