// Places of the cell that an adsorbate cannot reach from outside, as points of a grid; for host and device.
#pragma once

#include <cstdint>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Point (a, b, c), row-major, stands for what is nearer to (a/n_a, b/n_b, c/n_c) than to others, along each axis.
struct BlockedView {
  const std::uint8_t* is_blocked;  ///< nullptr: nothing is
  int shape[3];
};

/// `fractional` [3] center of a placement, in [0, 1).
MOFK_HD inline bool is_blocked(const BlockedView& view, const double* fractional) {
  if (view.is_blocked == nullptr) return false;
  std::int64_t point = 0;
  for (int a = 0; a < 3; ++a) {
    const int n = view.shape[a];
    const int nearest = static_cast<int>(fractional[a] * n + 0.5);
    point = point * n + (nearest < n ? nearest : 0);
  }
  return view.is_blocked[point] != 0;
}

}  // namespace mofkernel::MOFK_NS::insertion
