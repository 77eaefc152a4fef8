#include "backend/simd.hpp"
#include "potentials/uff4mof/formulas.hpp"
#include "potentials/uff4mof/pair_loops.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

inline Pack larger(Pack a, Pack b) { return select(a > b, a, b); }

}  // namespace

Reach reach(const ReachWork& work) {
  Reach result{};
  const Pack reach_squared = broadcast(work.reach_squared);
  const Pack inner_squared = broadcast(work.inner_squared);
  for (int part = 0; part < work.n_lanes; part += kLanes) {
    const auto there = [&](int a) { return load(work.other + a * work.n_lanes + part) + broadcast(work.shift[a]); };
    const Vec3<Pack> other{there(0), there(1), there(2)};
    for (int i = 0; i < work.n_lanes; ++i) {
      const auto here = [&](int a) { return broadcast(work.home[a * work.n_lanes + i]); };
      const Vec3<Pack> d = other - Vec3<Pack>{here(0), here(1), here(2)};
      const Pack r2 = dot(d, d);
      result.is_in_reach[i] = static_cast<std::uint8_t>(result.is_in_reach[i] | bits_of(r2 < reach_squared) << part);
      result.is_beyond_inner[i] =
          static_cast<std::uint8_t>(result.is_beyond_inner[i] | bits_of(r2 > inner_squared) << part);
    }
  }
  return result;
}

int near_boxes(const BoxWork& work, int* near, double* squared_distances) {
  int n_near = 0;
  for (int part = 0; part < work.n; part += kLanes) {
    Pack distance{};
    for (int a = 0; a < 3; ++a) {
      const Pack below = broadcast(work.low[a]) - load(work.highs[a] + part);
      const Pack above = load(work.lows[a] + part) - broadcast(work.high[a]);
      const Pack gap = larger(Pack{}, larger(below, above));
      distance = distance + gap * gap;
    }
    const int is_near = bits_of(distance < broadcast(work.reach_squared));
    // Without a branch: which boxes are near follows no pattern.
    for (int lane = 0; lane < kLanes; ++lane) {
      near[n_near] = part + lane;
      squared_distances[n_near] = distance.v[lane];
      n_near += is_near >> lane & 1;
    }
  }
  return n_near;
}

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
