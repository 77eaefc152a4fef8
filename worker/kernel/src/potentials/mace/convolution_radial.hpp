// Where an edge stands among the knots of its radial table; for host and device.
#pragma once

#include <limits>

#include "backend/backend.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/radial_grid.hpp"
#include "potentials/mace/radial_spline.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
struct KnotGrid {
  RadialGrid<T> grid;
  int n_rows;  ///< of a pair of elements
};

template <class T>
KnotGrid<T> knot_grid_of(const mofkernel::mace::RadialTable& table) {
  return {{static_cast<T>(table.first_knot_A), static_cast<T>(table.stretch_A), static_cast<T>(table.knots_per_log)},
          table.n_rows()};
}

/// A function is the sum of weight[c] times row (row + c) of its pair; its derivative by the distance is the same with
/// `slope`.
template <class T>
struct Interpolation {
  int row;
  T weight[kSplineRows];
  T slope[kSplineRows];
};

/// Not finite where atoms are nearer to each other than the first knot.
template <class T>
MOFK_HD inline Interpolation<T> interpolate(const KnotGrid<T>& knots, T distance) {
  Interpolation<T> at{};
  const T place = knots.grid.place_of(distance);
  const int last = knots.n_rows - kSplineRows;
  at.row = place > T(0) ? (place < T(last) ? static_cast<int>(place) : last) : 0;
  const T t = distance >= knots.grid.first_A ? place - T(at.row) : std::numeric_limits<T>::quiet_NaN();
  const T slope = knots.grid.slope_of(distance);
  const SplineWeights<T> weights = spline_weights(t);
  for (int c = 0; c < kSplineRows; ++c) {
    at.weight[c] = weights.value[c];
    at.slope[c] = slope * weights.slope[c];
  }
  return at;
}

}  // namespace mofkernel::MOFK_NS::mace
