#include "adsorption/site_sums.hpp"

#include "adsorption/formulas.hpp"
#include "backend/simd.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

using insertion::kSplineOrder;

constexpr int kPacks = kPointsPerStep / kLanes;
using Ints = int __attribute__((vector_size(16)));

/// Four rows of four numbers become four columns.
inline void transpose(Pack& a, Pack& b, Pack& c, Pack& d) {
  const Doubles ac_lo = __builtin_shufflevector(a.v, c.v, 0, 4, 1, 5);
  const Doubles ac_hi = __builtin_shufflevector(a.v, c.v, 2, 6, 3, 7);
  const Doubles bd_lo = __builtin_shufflevector(b.v, d.v, 0, 4, 1, 5);
  const Doubles bd_hi = __builtin_shufflevector(b.v, d.v, 2, 6, 3, 7);
  a.v = __builtin_shufflevector(ac_lo, bd_lo, 0, 4, 1, 5);
  b.v = __builtin_shufflevector(ac_lo, bd_lo, 2, 6, 3, 7);
  c.v = __builtin_shufflevector(ac_hi, bd_hi, 0, 4, 1, 5);
  d.v = __builtin_shufflevector(ac_hi, bd_hi, 2, 6, 3, 7);
}

/// Places of one step and what they have collected.
struct Step {
  Pack x[kPacks], y[kPacks], z[kPacks];
  Pack lennard_jones[kPacks], potential[kPacks];
};

inline Pack squared_distance(const Step& step, int p, const double* atom) {
  const Pack dx = step.x[p] - broadcast(atom[0]);
  const Pack dy = step.y[p] - broadcast(atom[1]);
  const Pack dz = step.z[p] - broadcast(atom[2]);
  const Pack r2 = dx * dx + dy * dy + dz * dz;
  const Pack smallest = broadcast(insertion::kSmallestDistanceSquared);
  return select(r2 < smallest, smallest, r2);
}

inline void add_lennard_jones(const SiteWork& work, int j, Pack r2, Pack inverse_r2, Pack& sum) {
  const double* const pair = work.coefficients + 3 * j;
  const Pack energy = insertion::lennard_jones(broadcast(pair[0]), broadcast(pair[1]), broadcast(pair[2]), inverse_r2);
  sum = sum + select(r2 < broadcast(work.cutoff_squared), energy, Pack{});
}

inline void add_potential(const SiteWork& work, double charge, Pack r2, Pack inverse_r2, Pack& sum) {
  const PackMask is_near = r2 < broadcast(work.near_cutoff_squared);
  if (!is_any_true(is_near)) return;
  const Pack inside = select(is_near, r2, broadcast(0.0));
  const Pack u = work.intervals_per_A2 * inside;
  const Ints interval = __builtin_convertvector(u.v, Ints);
  const Pack t{u.v - __builtin_convertvector(interval, Doubles)};
  Pack c0 = load(work.table + 4 * interval[0]);
  Pack c1 = load(work.table + 4 * interval[1]);
  Pack c2 = load(work.table + 4 * interval[2]);
  Pack c3 = load(work.table + 4 * interval[3]);
  transpose(c0, c1, c2, c3);
  const Pack inverse_r = square_root(inverse_r2);
  const Pack unit = inverse_r - insertion::cubic(c0, c1, c2, c3, t) + work.slope * (r2 * inverse_r);
  sum = sum + select(is_near, charge * unit, Pack{});
}

template <bool kLennardJones, bool kCharge>
inline void add_near_atoms(const SiteWork& work, Step& step) {
  const Pack one = broadcast(1.0);
  for (int j = 0; j < work.n_near; ++j) {
    const double* const atom = work.atoms + 4 * j;
    for (int p = 0; p < kPacks; ++p) {
      const Pack r2 = squared_distance(step, p, atom);
      const Pack inverse_r2 = one / r2;
      if constexpr (kLennardJones) add_lennard_jones(work, j, r2, inverse_r2, step.lennard_jones[p]);
      if constexpr (kCharge) add_potential(work, atom[3], r2, inverse_r2, step.potential[p]);
    }
  }
}

inline void add_far_atoms(const SiteWork& work, Step& step) {
  const Pack one = broadcast(1.0);
  for (int j = work.n_near; j < work.n_atoms; ++j) {
    const double* const atom = work.atoms + 4 * j;
    for (int p = 0; p < kPacks; ++p) {
      const Pack r2 = squared_distance(step, p, atom);
      add_lennard_jones(work, j, r2, one / r2, step.lennard_jones[p]);
    }
  }
}

/// Grid points that the four places lie beyond, and the weights of the splines along one axis.
struct AxisWeights {
  Ints base;
  Pack weights[kSplineOrder];
};

inline AxisWeights axis_weights(const SiteWork& work, int axis, Pack x, Pack y, Pack z) {
  const double* const inverse = work.inverse_cell;
  const Pack u =
      static_cast<double>(work.grid_shape[axis]) * (inverse[axis] * x + inverse[3 + axis] * y + inverse[6 + axis] * z);
  AxisWeights out;
  out.base = __builtin_convertvector(u.v, Ints);
  const int last = work.grid_shape[axis] - 1;
  for (int lane = 0; lane < kLanes; ++lane) {
    if (out.base[lane] > last) out.base[lane] = last;
  }
  insertion::spline_weights(Pack{u.v - __builtin_convertvector(out.base, Doubles)}, out.weights);
  return out;
}

/// Of all four places; each place takes the last axis four points at a time.
inline Pack smooth_potential(const SiteWork& work, Pack x, Pack y, Pack z) {
  const AxisWeights a = axis_weights(work, 0, x, y, z);
  const AxisWeights b = axis_weights(work, 1, x, y, z);
  AxisWeights c = axis_weights(work, 2, x, y, z);
  transpose(c.weights[0], c.weights[1], c.weights[2], c.weights[3]);
  transpose(c.weights[4], c.weights[5], c.weights[6], c.weights[7]);
  const long long n_b = work.grid_shape[1] + kSplineOrder - 1;
  const long long n_c = work.grid_shape[2] + kSplineOrder - 1;
  Doubles sums{};
  for (int lane = 0; lane < kLanes; ++lane) {
    const double* const corner = work.grid + (a.base[lane] * n_b + b.base[lane]) * n_c + c.base[lane];
    Pack low = broadcast(0.0);
    Pack high = broadcast(0.0);
    for (int i = 0; i < kSplineOrder; ++i) {
      Pack row_low = broadcast(0.0);
      Pack row_high = broadcast(0.0);
      for (int j = 0; j < kSplineOrder; ++j) {
        const double* const row = corner + (i * n_b + j) * n_c;
        const double weight = b.weights[j].v[lane];
        row_low = row_low + weight * load(row);
        row_high = row_high + weight * load(row + kLanes);
      }
      const double weight = a.weights[i].v[lane];
      low = low + weight * row_low;
      high = high + weight * row_high;
    }
    sums[lane] = horizontal_sum(low * c.weights[lane] + high * c.weights[kLanes + lane]);
  }
  return {sums};
}

inline bool is_hopeless(const SiteWork& work, const Step& step) {
  for (int p = 0; p < kPacks; ++p) {
    // Negated, so that a number that is none is taken as one that matters.
    if (is_any_true(step.lennard_jones[p] < broadcast(work.give_up_eV))) return false;
  }
  return true;
}

template <bool kLennardJones, bool kCharge>
void sum_sites(const SiteWork& work) {
  for (int first = 0; first < work.n_points; first += kPointsPerStep) {
    Step step;
    for (int p = 0; p < kPacks; ++p) {
      step.x[p] = load(work.x + first + p * kLanes);
      step.y[p] = load(work.y + first + p * kLanes);
      step.z[p] = load(work.z + first + p * kLanes);
      step.lennard_jones[p] = step.potential[p] = broadcast(0.0);
    }
    add_near_atoms<kLennardJones, kCharge>(work, step);
    if (!(kLennardJones && is_hopeless(work, step))) {
      if constexpr (kLennardJones) add_far_atoms(work, step);
      for (int p = 0; p < kPacks && kCharge && work.grid != nullptr; ++p) {
        step.potential[p] = step.potential[p] + smooth_potential(work, step.x[p], step.y[p], step.z[p]);
      }
    }
    for (int p = 0; p < kPacks; ++p) {
      store(work.lennard_jones + first + p * kLanes, step.lennard_jones[p]);
      store(work.potential + first + p * kLanes, step.potential[p]);
    }
  }
}

void sum_any_sites(const SiteWork& work) {
  if (!work.has_charge) {
    sum_sites<true, false>(work);
  } else if (work.has_lennard_jones) {
    sum_sites<true, true>(work);
  } else {
    sum_sites<false, true>(work);
  }
}

}  // namespace

const SiteSums kSiteSums = sum_any_sites;

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
