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

/// Parts along each lattice vector.
std::array<int, 3> shape_of(const Structure& framework) {
  std::array<double, 3> edges{};
  for (std::size_t a = 0; a < 3; ++a) edges[a] = cpu::norm3(framework.cell[a].data());
  const double part_edge = std::max(kPartEdge_A, std::cbrt(edges[0] * edges[1] * edges[2] / kMaxParts));
  std::array<int, 3> shape{};
  for (std::size_t a = 0; a < 3; ++a) shape[a] = static_cast<int>(std::ceil(edges[a] / part_edge));
  return shape;
}

}  // namespace

LowestPlacements::LowestPlacements(const Structure& framework) : shape_(shape_of(framework)) {
  for (std::size_t k = 0; k < 9; ++k) cell_[k] = framework.cell[k / 3][k % 3];
  for (std::size_t a = 0; a < 3; ++a) {
    double normal[3];
    cpu::cross3(framework.cell[(a + 1) % 3].data(), framework.cell[(a + 2) % 3].data(), normal);
    widths_[a] = std::abs(cpu::determinant(cell_.data())) / cpu::norm3(normal);
  }
  best_.assign(static_cast<std::size_t>(count_parts(framework)), {std::numeric_limits<double>::infinity(), -1});
}

double LowestPlacements::count_parts(const Structure& framework) {
  const std::array<int, 3> shape = shape_of(framework);
  return 1.0 * shape[0] * shape[1] * shape[2];
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

namespace {

bool is_lower(const NumberedEnergy& a, const NumberedEnergy& b) {
  return a.energy_eV != b.energy_eV ? a.energy_eV < b.energy_eV : a.number < b.number;
}

}  // namespace

std::vector<NumberedEnergy> LowestPlacements::sorted() const {
  std::vector<NumberedEnergy> out = all();
  std::sort(out.begin(), out.end(), is_lower);
  return out;
}

std::vector<NumberedEnergy> LowestPlacements::lower_around(const NumberedEnergy& than,
                                                           const std::array<double, 3>& fractional) const {
  std::array<int, 3> middle{};
  std::array<int, 3> reach{};
  for (std::size_t a = 0; a < 3; ++a) {
    middle[a] = std::min(static_cast<int>(fractional[a] * shape_[a]), shape_[a] - 1);
    const int wanted = static_cast<int>(std::ceil(kSmallestDistance_A / widths_[a] * shape_[a]));
    reach[a] = std::min(wanted, (shape_[a] - 1) / 2 + 1);
  }
  const auto wrapped = [&](std::size_t a, int step) {
    return static_cast<std::size_t>(((middle[a] + step) % shape_[a] + shape_[a]) % shape_[a]);
  };
  std::vector<NumberedEnergy> lower;
  for (int i = -reach[0]; i <= reach[0]; ++i) {
    for (int j = -reach[1]; j <= reach[1]; ++j) {
      const std::size_t row = wrapped(0, i) * static_cast<std::size_t>(shape_[1]) + wrapped(1, j);
      for (int k = -reach[2]; k <= reach[2]; ++k) {
        const NumberedEnergy& other = best_[row * static_cast<std::size_t>(shape_[2]) + wrapped(2, k)];
        if (other.number >= 0 && is_lower(other, than)) lower.push_back(other);
      }
    }
  }
  return lower;
}

bool LowestPlacements::is_near(const std::array<double, 3>& a, const std::array<double, 3>& b, double radius_A) const {
  // The nearest image is the one with the smallest fractional steps whenever it is within half of the cell's width.
  double d[3];
  for (std::size_t k = 0; k < 3; ++k) {
    d[k] = a[k] - b[k];
    d[k] -= std::round(d[k]);
  }
  double cartesian[3];
  cpu::row_times_matrix(d, cell_.data(), cartesian);
  return cpu::norm3(cartesian) < radius_A;
}

bool LowestPlacements::is_near_any(std::span<const std::array<double, 3>> centers,
                                   const std::array<double, 3>& fractional) const {
  return std::any_of(centers.begin(), centers.end(), [&](const std::array<double, 3>& other) {
    return is_near(other, fractional, kSmallestDistance_A);
  });
}

}  // namespace mofkernel::adsorption
