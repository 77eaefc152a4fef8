// Where placement number i of a run is, and how it is turned; for host and device.
#pragma once

#include <cstdint>

#include "adsorption/random_numbers.hpp"
#include "adsorption/rotations.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Grid: number = point * n_orientations + orientation, point = (a n_b + b) n_c + c. Random: number is the counter.
struct PlacementSource {
  bool is_grid;
  std::int64_t n_placements;
  int shape[3];
  int n_orientations;
  const double* rotations;  ///< [n_orientations][9]
  std::uint64_t seed;
};

/// `fractional` [3] center in [0, 1); `rotation` [9] row-major.
MOFK_HD inline void place(const PlacementSource& source, std::int64_t number, double* fractional, double* rotation) {
  if (source.is_grid) {
    const std::int64_t point = number / source.n_orientations;
    const std::int64_t row = point / source.shape[2];
    fractional[0] = static_cast<double>(row / source.shape[1]) / source.shape[0];
    fractional[1] = static_cast<double>(row % source.shape[1]) / source.shape[1];
    fractional[2] = static_cast<double>(point % source.shape[2]) / source.shape[2];
    const double* const from = source.rotations + 9 * (number % source.n_orientations);
    for (int k = 0; k < 9; ++k) rotation[k] = from[k];
    return;
  }
  double u[6];
  uniform_numbers(source.seed, static_cast<std::uint64_t>(number), u);
  for (int a = 0; a < 3; ++a) fractional[a] = u[a];
  uniform_rotation(u[3], u[4], u[5], rotation);
}

}  // namespace mofkernel::MOFK_NS::insertion
