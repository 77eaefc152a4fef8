// Where an edge stands among the knots of its radial table; for host and device.
#pragma once

#include <limits>

#include "backend/backend.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/radial_grid.hpp"
#include "potentials/mace/radial_hermite.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Rows of a knot: the values, then their derivatives.
inline constexpr int kMostKnotRows = 3;

template <class T>
struct KnotGrid {
  RadialGrid<T> grid;
  int n_knots;
  int n_rows;  ///< 2: cubic, 3: quintic
};

template <class T>
KnotGrid<T> knot_grid_of(const mofkernel::mace::RadialTable& table) {
  return {{static_cast<T>(table.first_knot_A), static_cast<T>(table.stretch_A), static_cast<T>(table.knots_per_log)},
          table.n_knots,
          1 + table.n_derivatives};
}

/// A function is the sum of weight[c] times row c of two neighboring knots, those of the lower knot first; its
/// derivative by the distance is the same with `slope`.
template <class T>
struct Interpolation {
  int knot;  ///< the lower one
  T weight[2 * kMostKnotRows];
  T slope[2 * kMostKnotRows];
};

template <int n_derivatives, class T>
MOFK_HD inline void set_weights(T t, T slope_of_place, Interpolation<T>& at) {
  const HermiteWeights<T, n_derivatives> weights = hermite_weights<T, n_derivatives>(t);
  for (int c = 0; c < HermiteWeights<T, n_derivatives>::kRows; ++c) {
    at.weight[c] = weights.value[c];
    at.slope[c] = slope_of_place * weights.slope[c];
  }
}

/// Not finite where atoms are nearer to each other than the first knot.
template <class T>
MOFK_HD inline Interpolation<T> interpolate(const KnotGrid<T>& knots, T distance) {
  Interpolation<T> at{};
  const T place = knots.grid.place_of(distance);
  const int last = knots.n_knots - 2;
  at.knot = place > T(0) ? (place < T(last) ? static_cast<int>(place) : last) : 0;
  const T t = distance >= knots.grid.first_A ? place - T(at.knot) : std::numeric_limits<T>::quiet_NaN();
  const T slope = knots.grid.slope_of(distance);
  if (knots.n_rows == 2) {
    set_weights<1>(t, slope, at);
  } else {
    set_weights<2>(t, slope, at);
  }
  return at;
}

}  // namespace mofkernel::MOFK_NS::mace
