// Which placements had the lowest energies. Host.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::adsorption {

/// A placement by its number in the run.
struct NumberedEnergy {
  double energy_eV;
  std::int64_t number;
};

/// The best placement of every small part of the cell (edges of 1/3 A, more in cells above 600 000 A^3); what it finds
/// does not depend on the order in which placements are offered.
class LowestPlacements {
 public:
  explicit LowestPlacements(const Structure& framework);

  /// Parts that the cell is cut into.
  [[nodiscard]] static double count_parts(const Structure& framework);

  /// `fractional` center in [0, 1).
  void offer(const std::array<double, 3>& fractional, double energy_eV, std::int64_t number);

  /// As choose(), but only those that no lower placement of another part is within `radius_A` (at most 1 A) of: starts
  /// for relaxations, one or a few in each basin instead of the whole of the lowest one.
  template <class Center>
  [[nodiscard]] std::vector<NumberedEnergy> choose_minima(int n, double radius_A, Center center) const {
    std::vector<NumberedEnergy> chosen;
    for (const NumberedEnergy& candidate : sorted()) {
      if (static_cast<int>(chosen.size()) >= n) break;
      const std::array<double, 3> place = center(candidate.number);
      const std::vector<NumberedEnergy> lower = lower_around(candidate, place);
      const bool is_minimum = std::none_of(lower.begin(), lower.end(), [&](const NumberedEnergy& other) {
        return is_near(center(other.number), place, radius_A);
      });
      if (is_minimum) chosen.push_back(candidate);
    }
    return chosen;
  }

  /// Ascending, at most n, no two centers nearer than 1 A; `center` (number) -> fractional center.
  template <class Center>
  [[nodiscard]] std::vector<NumberedEnergy> choose(int n, Center center) const {
    std::vector<NumberedEnergy> chosen;
    std::vector<std::array<double, 3>> centers;
    for (const NumberedEnergy& candidate : sorted()) {
      if (static_cast<int>(chosen.size()) >= n) break;
      const std::array<double, 3> place = center(candidate.number);
      if (is_near_any(centers, place)) continue;
      centers.push_back(place);
      chosen.push_back(candidate);
    }
    return chosen;
  }

  /// The best of every part that has one, in a fixed order; offered again to a fresh object they give the same state.
  [[nodiscard]] std::vector<NumberedEnergy> all() const;

 private:
  [[nodiscard]] std::vector<NumberedEnergy> sorted() const;
  /// The best of the parts that reach within 1 A of this place, as far as lower than `than`.
  [[nodiscard]] std::vector<NumberedEnergy> lower_around(const NumberedEnergy& than,
                                                         const std::array<double, 3>& fractional) const;
  [[nodiscard]] bool is_near(const std::array<double, 3>& a, const std::array<double, 3>& b, double radius_A) const;
  [[nodiscard]] bool is_near_any(std::span<const std::array<double, 3>> centers,
                                 const std::array<double, 3>& fractional) const;

  std::array<double, 9> cell_{};
  std::array<double, 3> widths_{};  // distances of opposite faces, A
  std::array<int, 3> shape_{};
  std::vector<NumberedEnergy> best_;
};

}  // namespace mofkernel::adsorption
