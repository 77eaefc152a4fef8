#include "adsorption/placement_plan.hpp"

#include <algorithm>
#include <cmath>

#include "errors.hpp"
#include "geometry/lattice.hpp"

namespace mofkernel::adsorption {

PlacementPlan plan_placements(const Structure& framework, const InsertionOptions& options) {
  PlacementPlan plan;
  plan.is_grid = options.mode == InsertionMode::grid;
  if (!plan.is_grid) {
    if (options.n_insertions < 1) throw KernelError(ErrorCode::bad_request, "at least one insertion is needed");
    plan.n_placements = options.n_insertions;
    return plan;
  }
  if (!(options.spacing_A > 0) || options.n_orientations < 1) {
    throw KernelError(ErrorCode::bad_request, "a grid needs a spacing above 0 and at least one orientation");
  }
  double n_points = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const double n = std::max(1.0, std::ceil(cpu::norm3(framework.cell[a].data()) / options.spacing_A));
    n_points *= n;
    if (!(n_points <= 0x1p28)) {
      throw KernelError(ErrorCode::out_of_memory,
                        "the grid would have more than 268 million points; choose a larger spacing");
    }
    plan.shape[a] = static_cast<int>(n);
  }
  plan.rotations = spread_orientations(options.adsorbate, options.n_orientations);
  plan.n_placements = static_cast<std::int64_t>(n_points) * static_cast<std::int64_t>(plan.rotations.size());
  const auto n_orientations = static_cast<int>(plan.rotations.size());
  plan.segment = std::max(1, kPlacementsPerSegment / n_orientations) * n_orientations;
  return plan;
}

}  // namespace mofkernel::adsorption
