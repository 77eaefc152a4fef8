// How many placements a run has and where they are. Host.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "adsorption/guest.hpp"
#include "adsorption/insertions.hpp"
#include "geometry/structure.hpp"

namespace mofkernel::adsorption {

inline constexpr int kPlacementsPerSegment = 4096;

struct PlacementPlan {
  bool is_grid = false;
  std::array<int, 3> shape{};       ///< grid: points along each lattice vector
  std::vector<Rotation> rotations;  ///< grid: the orientations at every point, at least one
  std::int64_t n_placements = 0;
  /// Placements that are summed by themselves before their sum is added to the others, in order: whole points of a
  /// grid. A run is worked through in whole segments, so that its sums do not depend on how many it takes at once.
  int segment = kPlacementsPerSegment;
};

/// Throws KernelError(bad_request) for a run without placements, (out_of_memory) for a grid of more than 2^28 points.
PlacementPlan plan_placements(const Structure& framework, const InsertionOptions& options);

}  // namespace mofkernel::adsorption
