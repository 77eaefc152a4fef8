#include "potentials/dispersion/loops.hpp"

#include "backend/simd.hpp"
#include "potentials/dispersion/formulas.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

// Not in the unnamed namespace: formulas.hpp finds these two by the type of their argument.

template <class T>
inline PackOf<T> reciprocal(PackOf<T> a) {
  return {1 / a.v};
}

/// For arguments below 16: 2^n times the series of e^x around 0, to the last digit or two.
template <class T>
inline PackOf<T> exponential(PackOf<T> a) {
  constexpr bool kIsDouble = sizeof(T) == 8;
  using Numbers = typename VectorTypes<T>::Numbers;
  using Bits = typename VectorTypes<T>::Bits;
  constexpr T kLowest = kIsDouble ? T(-700) : T(-86);
  // Added to a small number, it leaves the nearest integer in the last bits.
  constexpr T kRounder = kIsDouble ? T(6755399441055744.0) : T(12582912.0F);
  constexpr int kMantissaBits = kIsDouble ? 52 : 23;
  constexpr T kLogTwoHigh = kIsDouble ? T(6.93147180369123816490e-01) : T(0.693359375F);
  constexpr T kLogTwoLow = kIsDouble ? T(1.90821492927058770002e-10) : T(-2.12194440e-4F);
  const Numbers x = a.v > kLowest ? a.v : kLowest - Numbers{};
  const Numbers shifted = x * T(1.44269504088896340736) + kRounder;
  const Numbers n = shifted - kRounder;
  const Numbers f = (x - n * kLogTwoHigh) - n * kLogTwoLow;
  constexpr double kInverseFactorials[] = {1.0,         1.0,          1.0 / 2,       1.0 / 6,
                                           1.0 / 24,    1.0 / 120,    1.0 / 720,     1.0 / 5040,
                                           1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800};
  constexpr int kDegree = kIsDouble ? 11 : 7;
  Numbers series = T(kInverseFactorials[kDegree]) - Numbers{};
  for (int k = kDegree - 1; k >= 0; --k) series = series * f + T(kInverseFactorials[k]);
  const Bits power = reinterpret_cast<Bits>(shifted) << kMantissaBits;
  return {reinterpret_cast<Numbers>(reinterpret_cast<Bits>(series) + power)};
}

namespace {

/// Points after which single precision hands its sums over to double precision.
constexpr int kPointsPerSum = 256;

template <class T>
inline void add_to(double* sums, PackOf<T> a) {
  for (int lane = 0; lane < kLanesOf<T>; ++lane) sums[lane] += static_cast<double>(a.v[lane]);
}

/// From the atoms of the crowd to a point.
template <class T>
struct Offset {
  PackOf<T> x, y, z, r2;

  Offset(const PackOf<T>* home, const Point<T>& point)
      : x(broadcast(point.x) - home[0]),
        y(broadcast(point.y) - home[1]),
        z(broadcast(point.z) - home[2]),
        r2(x * x + y * y + z * z) {}
};

/// Gradients of a crowd's pairs; the pair's is slope times the offset.
template <class T>
struct GradientSums {
  PackOf<T> force[3] = {};
  PackOf<T> virial[6] = {};

  void add(const Offset<T>& d, PackOf<T> slope) {
    const PackOf<T> gx = slope * d.x;
    const PackOf<T> gy = slope * d.y;
    const PackOf<T> gz = slope * d.z;
    force[0] = force[0] + gx;
    force[1] = force[1] + gy;
    force[2] = force[2] + gz;
    virial[0] = virial[0] + gx * d.x;
    virial[1] = virial[1] + gy * d.y;
    virial[2] = virial[2] + gz * d.z;
    virial[3] = virial[3] + gy * d.z;
    virial[4] = virial[4] + gx * d.z;
    virial[5] = virial[5] + gx * d.y;
  }

  void hand_over(CrowdSums<T>& sums) {
    for (int k = 0; k < 3; ++k) add_to(sums.force[k], force[k]);
    for (int k = 0; k < 6; ++k) add_to(sums.virial[k], virial[k]);
    *this = {};
  }
};

/// Calls visit(point) for every point of a type, and hand_over() now and then and at the end.
template <class T, class Visit, class HandOver>
inline void for_each_point(const Crowd<T>& crowd, int type, Visit visit, HandOver hand_over) {
  int n_points = 0;
  for (int k = crowd.first_of_type[type]; k < crowd.first_of_type[type + 1]; ++k) {
    const Run run = crowd.runs[k];
    for (int p = run.first; p < run.last; ++p) visit(crowd.points[p]);
    n_points += run.last - run.first;
    if (n_points < kPointsPerSum) continue;
    hand_over();
    n_points = 0;
  }
  hand_over();
}

template <class T>
void count(const Crowd<T>& crowd, const CrowdType<T>* types, double* coordination) {
  const PackOf<T> home[3] = {load(crowd.x), load(crowd.y), load(crowd.z)};
  const PackOf<T> cutoff_squared = broadcast(crowd.cutoff_squared);
  const PackOf<T> zero{};
  const PackOf<T> one = broadcast(T(1));
  double n_at_home[kLanesOf<T>] = {};
  for (int lane = 0; lane < kLanesOf<T>; ++lane) coordination[lane] = 0;
  for (int type = 0; type < crowd.n_types; ++type) {
    const PackOf<T> bond = load(types[type].bond);
    PackOf<T> sum = zero;
    PackOf<T> at_home = zero;
    for_each_point(
        crowd, type,
        [&](const Point<T>& point) {
          const Offset<T> d(home, point);
          const MaskOf<T> is_elsewhere = d.r2 > zero;
          PackOf<T> slope;
          const PackOf<T> count = dispersion::count_neighbor<T>(reciprocal(square_root(d.r2)), bond, slope);
          sum = sum + keep((d.r2 < cutoff_squared) & is_elsewhere, count);
          at_home = at_home + select(is_elsewhere, zero, one);
        },
        [&] {
          add_to(coordination, sum);
          add_to(n_at_home, at_home);
          sum = at_home = zero;
        });
  }
  // Each atom is at its own place; whoever else is there has no distance from it.
  for (int lane = 0; lane < kLanesOf<T>; ++lane) {
    if (n_at_home[lane] != 1) coordination[lane] = __builtin_nan("");
  }
}

template <class T, int n_references>
void attract_type(const Crowd<T>& crowd, int type, const CrowdType<T>& constants, T s6, CrowdSums<T>& sums) {
  const PackOf<T> home[3] = {load(crowd.x), load(crowd.y), load(crowd.z)};
  const PackOf<T> cutoff_squared = broadcast(crowd.cutoff_squared);
  const PackOf<T> zero{};
  const PackOf<T> ratio = load(constants.ratio);
  const PackOf<T> r0_6 = load(constants.r0_6);
  const PackOf<T> r0_8 = load(constants.r0_8);
  PackOf<T> c6[n_references];
  PackOf<T> attraction[n_references] = {};  // by each reference of the type
  for (int b = 0; b < n_references; ++b) c6[b] = load(constants.c6[b]);
  GradientSums<T> gradients;
  for_each_point(
      crowd, type,
      [&](const Point<T>& point) {
        const Offset<T> d(home, point);
        const MaskOf<T> is_inside = (d.r2 < cutoff_squared) & (d.r2 > zero);
        PackOf<T> slope;
        const PackOf<T> damped = keep(is_inside, dispersion::attraction(d.r2, s6, ratio, r0_6, r0_8, slope));
        const T* const weight = crowd.atoms[point.owner].weight;
        PackOf<T> mixed = weight[0] * c6[0];
        attraction[0] = attraction[0] + weight[0] * damped;
        for (int b = 1; b < n_references; ++b) {
          mixed = mixed + weight[b] * c6[b];
          attraction[b] = attraction[b] + weight[b] * damped;
        }
        gradients.add(d, keep(is_inside, mixed * slope));
      },
      [&] {
        for (int b = 0; b < n_references; ++b) {
          add_to(sums.energy, -(attraction[b] * c6[b]));
          add_to(sums.slope, -(attraction[b] * load(constants.c6_slope[b])));
          attraction[b] = zero;
        }
        gradients.hand_over(sums);
      });
}

template <class T>
void attract(const Crowd<T>& crowd, const CrowdType<T>* types, T s6, CrowdSums<T>& sums) {
  constexpr decltype(&attract_type<T, 1>) kByReferences[] = {attract_type<T, 1>, attract_type<T, 2>, attract_type<T, 3>,
                                                             attract_type<T, 4>, attract_type<T, 5>};
  static_assert(dispersion::kLargestReferenceCount == 5);
  sums = {};
  for (int type = 0; type < crowd.n_types; ++type)
    kByReferences[types[type].n_references - 1](crowd, type, types[type], s6, sums);
}

template <class T>
void chain(const Crowd<T>& crowd, const CrowdType<T>* types, CrowdSums<T>& sums) {
  const PackOf<T> home[3] = {load(crowd.x), load(crowd.y), load(crowd.z)};
  const PackOf<T> own_slope = load(crowd.slope);
  const PackOf<T> cutoff_squared = broadcast(crowd.cutoff_squared);
  const PackOf<T> zero{};
  sums = {};
  for (int type = 0; type < crowd.n_types; ++type) {
    const PackOf<T> bond = load(types[type].bond);
    GradientSums<T> gradients;
    for_each_point(
        crowd, type,
        [&](const Point<T>& point) {
          const Offset<T> d(home, point);
          PackOf<T> slope;
          dispersion::count_neighbor<T>(reciprocal(square_root(d.r2)), bond, slope);
          const PackOf<T> both = own_slope + broadcast(crowd.atoms[point.owner].slope);
          gradients.add(d, keep((d.r2 < cutoff_squared) & (d.r2 > zero), both * slope));
        },
        [&] { gradients.hand_over(sums); });
  }
}

}  // namespace

const DispersionLoops<double> kDispersionLoops{count<double>, attract<double>, chain<double>};
const DispersionLoops<float> kDispersionLoopsOfFloats{count<float>, attract<float>, chain<float>};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
