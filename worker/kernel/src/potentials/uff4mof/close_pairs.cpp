#include "potentials/uff4mof/close_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "errors.hpp"

namespace mofkernel::uff4mof {
namespace {

using Vector = std::array<double, 3>;

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vector scaled(const Vector& a, double factor) { return {a[0] * factor, a[1] * factor, a[2] * factor}; }

/// A unit vector perpendicular to a; any of them.
Vector perpendicular_to(const Vector& a) {
  std::size_t smallest = 0;
  for (std::size_t axis = 1; axis < 3; ++axis) {
    if (std::abs(a[axis]) < std::abs(a[smallest])) smallest = axis;
  }
  Vector unit{};
  unit[smallest] = 1.0;
  const Vector normal = cross(a, unit);
  return scaled(normal, 1.0 / std::sqrt(dot(normal, normal)));
}

/// The lattice vectors; those of axes that are not periodic are replaced by unit vectors perpendicular to the periodic
/// ones.
std::array<Vector, 3> search_basis(const Structure& structure) {
  std::array<Vector, 3> basis = structure.cell;
  std::vector<std::size_t> periodic;
  std::vector<std::size_t> open;
  for (std::size_t axis = 0; axis < 3; ++axis) (structure.pbc[axis] ? periodic : open).push_back(axis);
  if (open.size() == 3) return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  if (open.size() == 2) {
    basis[open[0]] = perpendicular_to(basis[periodic[0]]);
    const Vector normal = cross(basis[periodic[0]], basis[open[0]]);
    basis[open[1]] = scaled(normal, 1.0 / std::sqrt(dot(normal, normal)));
  }
  if (open.size() == 1) {
    const Vector normal = cross(basis[periodic[0]], basis[periodic[1]]);
    basis[open[0]] = scaled(normal, 1.0 / std::sqrt(dot(normal, normal)));
  }
  return basis;
}

/// Bins along one axis of the search basis.
struct Axis {
  Vector reciprocal;  ///< fractional coordinate = reciprocal . position
  double width_A;     ///< distance of the two faces
  double origin = 0;  ///< fractional; 0 for a periodic axis
  double length = 1;  ///< fractional; 1 for a periodic axis
  int n_bins = 1;
  int reach_bins = 1;
  bool is_periodic = true;
};

struct Binned {
  std::array<int, 3> bin;
  Shift wrap;  ///< the atom inside the cell is its image `wrap`
};

class CellList {
 public:
  CellList(const Structure& structure, double reach_A) : structure_(structure), reach_A_(reach_A) {
    make_axes();
    fill();
  }

  [[nodiscard]] std::vector<GraphBond> pairs() const {
    std::vector<GraphBond> found;
    for (std::int32_t i = 0; i < structure_.n_atoms(); ++i) {
      const Binned& home = binned_[static_cast<std::size_t>(i)];
      std::array<int, 3> step{};
      for (step[0] = -axes_[0].reach_bins; step[0] <= axes_[0].reach_bins; ++step[0])
        for (step[1] = -axes_[1].reach_bins; step[1] <= axes_[1].reach_bins; ++step[1])
          for (step[2] = -axes_[2].reach_bins; step[2] <= axes_[2].reach_bins; ++step[2]) visit(i, home, step, found);
    }
    return found;
  }

 private:
  void make_axes() {
    const std::array<Vector, 3> basis = search_basis(structure_);
    const double volume = dot(basis[0], cross(basis[1], basis[2]));
    const double scale = std::sqrt(dot(basis[0], basis[0]) * dot(basis[1], basis[1]) * dot(basis[2], basis[2]));
    if (!(std::abs(volume) > 1e-8 * scale)) {
      throw KernelError(
          ErrorCode::bad_structure,
          "the periodic lattice vectors span no volume; check the cell lengths and angles of the structure");
    }
    for (std::size_t k = 0; k < 3; ++k) {
      Axis& axis = axes_[k];
      axis.reciprocal = scaled(cross(basis[(k + 1) % 3], basis[(k + 2) % 3]), 1.0 / volume);
      axis.width_A = 1.0 / std::sqrt(dot(axis.reciprocal, axis.reciprocal));
      axis.is_periodic = structure_.pbc[k];
      if (!axis.is_periodic) fit_open_axis(axis);
      require_width(axis, k);
      axis.n_bins = static_cast<int>(std::clamp(axis.width_A * axis.length / reach_A_, 1.0, 1000.0));
    }
    limit_bins();
    for (Axis& axis : axes_) {
      axis.reach_bins = static_cast<int>(std::ceil(reach_A_ * axis.n_bins / (axis.width_A * axis.length)));
      if (!axis.is_periodic) axis.reach_bins = std::min(axis.reach_bins, axis.n_bins - 1);
    }
  }

  /// Many more bins than atoms (a molecule in a large box) would cost memory and save nothing.
  void limit_bins() {
    const double most = 64.0 + 8.0 * structure_.n_atoms();
    const auto total = [this] { return 1.0 * axes_[0].n_bins * axes_[1].n_bins * axes_[2].n_bins; };
    while (total() > most) {
      Axis& longest = *std::max_element(axes_.begin(), axes_.end(),
                                        [](const Axis& a, const Axis& b) { return a.n_bins < b.n_bins; });
      longest.n_bins = (longest.n_bins + 1) / 2;
    }
  }

  static void require_width(const Axis& axis, std::size_t k) {
    constexpr double kSmallestWidthA = 0.2;
    if (!axis.is_periodic || axis.width_A > kSmallestWidthA) return;
    throw KernelError(ErrorCode::bad_structure, std::string("the cell is only ") + std::to_string(axis.width_A) +
                                                    " A wide along lattice vector " + "abc"[k] +
                                                    "; check the cell lengths and angles of the structure");
  }

  void fit_open_axis(Axis& axis) const {
    double lowest = 0;
    double highest = 0;
    for (std::size_t i = 0; i < structure_.positions.size(); ++i) {
      const double fractional = dot(axis.reciprocal, structure_.positions[i]);
      lowest = i == 0 ? fractional : std::min(lowest, fractional);
      highest = i == 0 ? fractional : std::max(highest, fractional);
    }
    constexpr double kMarginA = 0.01;
    axis.origin = lowest - kMarginA / axis.width_A;
    axis.length = highest - lowest + 2 * kMarginA / axis.width_A;
  }

  void fill() {
    const auto n_bins = static_cast<std::size_t>(axes_[0].n_bins) * static_cast<std::size_t>(axes_[1].n_bins) *
                        static_cast<std::size_t>(axes_[2].n_bins);
    binned_.resize(structure_.positions.size());
    first_in_bin_.assign(n_bins + 1, 0);
    for (std::size_t i = 0; i < binned_.size(); ++i) {
      binned_[i] = place(structure_.positions[i]);
      ++first_in_bin_[bin_index(binned_[i].bin) + 1];
    }
    for (std::size_t b = 0; b < n_bins; ++b) first_in_bin_[b + 1] += first_in_bin_[b];
    atoms_.resize(binned_.size());
    std::vector<std::int32_t> next(first_in_bin_.begin(), first_in_bin_.end() - 1);
    for (std::size_t i = 0; i < binned_.size(); ++i) {
      atoms_[static_cast<std::size_t>(next[bin_index(binned_[i].bin)]++)] = static_cast<std::int32_t>(i);
    }
  }

  [[nodiscard]] Binned place(const Vector& position) const {
    Binned result{};
    for (std::size_t k = 0; k < 3; ++k) {
      const Axis& axis = axes_[k];
      double fractional = (dot(axis.reciprocal, position) - axis.origin) / axis.length;
      if (axis.is_periodic) {
        const double whole = std::floor(fractional);
        fractional -= whole;
        result.wrap[k] = -static_cast<std::int32_t>(whole);
      }
      result.bin[k] = std::clamp(static_cast<int>(fractional * axis.n_bins), 0, axis.n_bins - 1);
    }
    return result;
  }

  [[nodiscard]] std::size_t bin_index(const std::array<int, 3>& bin) const {
    return (static_cast<std::size_t>(bin[0]) * static_cast<std::size_t>(axes_[1].n_bins) +
            static_cast<std::size_t>(bin[1])) *
               static_cast<std::size_t>(axes_[2].n_bins) +
           static_cast<std::size_t>(bin[2]);
  }

  void visit(std::int32_t i, const Binned& home, const std::array<int, 3>& step, std::vector<GraphBond>& found) const {
    std::array<int, 3> bin{};
    Shift crossed{};
    for (std::size_t k = 0; k < 3; ++k) {
      const int n = axes_[k].n_bins;
      const int target = home.bin[k] + step[k];
      crossed[k] = target >= 0 ? target / n : -((n - 1 - target) / n);
      if (crossed[k] != 0 && !axes_[k].is_periodic) return;
      bin[k] = target - crossed[k] * n;
    }
    const std::size_t b = bin_index(bin);
    for (std::int32_t a = first_in_bin_[b]; a < first_in_bin_[b + 1]; ++a) {
      const std::int32_t j = atoms_[static_cast<std::size_t>(a)];
      if (j < i) continue;
      const Shift shift = binned_[static_cast<std::size_t>(j)].wrap + crossed - home.wrap;
      if (j == i && shift <= Shift{0, 0, 0}) continue;
      const Vector far = position_of(structure_, j, shift);
      const Vector& near = structure_.positions[static_cast<std::size_t>(i)];
      const Vector arm{far[0] - near[0], far[1] - near[1], far[2] - near[2]};
      const double distance_A = std::sqrt(dot(arm, arm));
      if (distance_A < reach_A_) found.push_back({i, j, shift, distance_A});
    }
  }

  const Structure& structure_;
  double reach_A_;
  std::array<Axis, 3> axes_{};
  std::vector<Binned> binned_;
  std::vector<std::int32_t> first_in_bin_;
  std::vector<std::int32_t> atoms_;
};

void require_finite(const Structure& structure) {
  for (std::size_t i = 0; i < structure.positions.size(); ++i) {
    for (const double coordinate : structure.positions[i]) {
      // Beyond this the integer lattice shift of an atom would overflow for any sensible cell.
      constexpr double kLargestCoordinateA = 1e8;
      if (!(std::abs(coordinate) < kLargestCoordinateA)) {
        throw KernelError(
            ErrorCode::bad_structure,
            "atom " + std::to_string(i) + " has a coordinate that is not a usable number; check the structure file");
      }
    }
  }
}

}  // namespace

std::vector<GraphBond> find_close_pairs(const Structure& structure, double reach_A) {
  if (structure.n_atoms() == 0) return {};
  require_finite(structure);
  return CellList(structure, reach_A).pairs();
}

}  // namespace mofkernel::uff4mof
