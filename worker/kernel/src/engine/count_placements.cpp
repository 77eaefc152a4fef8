#include <algorithm>
#include <cmath>

#include "engine/engine.hpp"

namespace mofkernel {

std::int64_t count_placements(const Structure& framework, const InsertionOptions& options) {
  if (options.mode == InsertionMode::random) return options.n_insertions;
  std::int64_t n_points = 1;
  for (const auto& row : framework.cell) {
    const double length = std::hypot(row[0], row[1], row[2]);
    n_points *= std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(length / options.spacing_A)));
  }
  return n_points * options.n_orientations;
}

}  // namespace mofkernel
