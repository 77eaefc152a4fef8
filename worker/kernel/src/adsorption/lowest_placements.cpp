#include "adsorption/lowest_placements.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "geometry/lattice.hpp"

namespace mofkernel::adsorption {

namespace {

constexpr double kSmallestDistance_A = 1;
/// Three such edges, at any angles, span less than the smallest distance.
constexpr double kPartEdge_A = kSmallestDistance_A / 3;
constexpr double kMaxParts = 16e6;

}  // namespace

LowestPlacements::LowestPlacements(const Structure& framework) {
  double edges = 1;
  for (std::size_t k = 0; k < 9; ++k) cell_[k] = framework.cell[k / 3][k % 3];
  for (std::size_t a = 0; a < 3; ++a) edges *= cpu::norm3(cell_.data() + 3 * a);
  const double part_edge = std::max(kPartEdge_A, std::cbrt(edges / kMaxParts));
  std::size_t n_parts = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    shape_[a] = static_cast<int>(std::ceil(cpu::norm3(cell_.data() + 3 * a) / part_edge));
    n_parts *= static_cast<std::size_t>(shape_[a]);
  }
  best_.assign(n_parts, {std::numeric_limits<double>::infinity(), -1});
}

void LowestPlacements::offer(const std::array<double, 3>& fractional, double energy_eV, std::int64_t number) {
  std::size_t part = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const int i = std::min(static_cast<int>(fractional[a] * shape_[a]), shape_[a] - 1);
    part = part * static_cast<std::size_t>(shape_[a]) + static_cast<std::size_t>(i);
  }
  NumberedEnergy& best = best_[part];
  if (energy_eV < best.energy_eV || (energy_eV == best.energy_eV && number < best.number)) best = {energy_eV, number};
}

std::vector<NumberedEnergy> LowestPlacements::all() const {
  std::vector<NumberedEnergy> out;
  std::copy_if(best_.begin(), best_.end(), std::back_inserter(out),
               [](const NumberedEnergy& best) { return best.energy_eV < std::numeric_limits<double>::infinity(); });
  return out;
}

std::vector<NumberedEnergy> LowestPlacements::sorted() const {
  std::vector<NumberedEnergy> out = all();
  std::sort(out.begin(), out.end(), [](const NumberedEnergy& a, const NumberedEnergy& b) {
    return a.energy_eV != b.energy_eV ? a.energy_eV < b.energy_eV : a.number < b.number;
  });
  return out;
}

bool LowestPlacements::is_near_any(std::span<const std::array<double, 3>> centers,
                                   const std::array<double, 3>& fractional) const {
  return std::any_of(centers.begin(), centers.end(), [&](const std::array<double, 3>& other) {
    // The nearest image is the one with the smallest fractional steps whenever it is within half of the cell's width.
    double d[3];
    for (std::size_t a = 0; a < 3; ++a) {
      d[a] = fractional[a] - other[a];
      d[a] -= std::round(d[a]);
    }
    double cartesian[3];
    cpu::row_times_matrix(d, cell_.data(), cartesian);
    return cpu::norm3(cartesian) < kSmallestDistance_A;
  });
}

}  // namespace mofkernel::adsorption
