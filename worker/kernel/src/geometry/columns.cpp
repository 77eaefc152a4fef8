#include "geometry/columns.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/bin_grid.hpp"
#include "geometry/movement.hpp"

namespace mofkernel::cpu {

namespace {

/// Columns per cutoff across and bins per cutoff along a column: thinner columns hold fewer points out of reach, but
/// each costs its visit (measured for MOF-5: 3 instead of 2 across cost a quarter more).
constexpr std::array<double, 3> kBinsPerReach{2.0, 2.0, 12.0};

/// Rounding must not cut off a bin that holds a point just inside the reach.
constexpr double kMargin = 1e-9;

struct Interval {
  double low, high;
  [[nodiscard]] Interval plus(const Interval& other) const { return {low + other.low, high + other.high}; }
  [[nodiscard]] Interval times(double f) const {
    return f < 0 ? Interval{high * f, low * f} : Interval{low * f, high * f};
  }
  /// Smallest magnitude inside.
  [[nodiscard]] double nearest_to_zero() const { return low > 0 ? low : high < 0 ? -high : 0.0; }
};

}  // namespace

Columns::Columns(const ListView& view, int structure, double reach)
    : first_atom_(view.first_atom[structure]),
      n_atoms_(view.first_atom[structure + 1] - view.first_atom[structure]),
      reach_(reach) {
  const double* const cell = view.cells + 9 * structure;
  std::copy_n(view.pbc + 3 * structure, 3, pbc_.begin());
  if (!is_usable_lattice(cell, pbc_.data())) return;
  complete_lattice(cell, pbc_.data(), rows_.data());
  invert(rows_.data(), inverse_.data());
  const double* const a = rows_.data();
  const double* const b = a + 3;
  const double* const c = a + 6;
  const auto dot = [](const double* u, const double* v) { return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]; };
  c_z_ = norm3(c);
  b_z_ = dot(b, c) / c_z_;
  a_z_ = dot(a, c) / c_z_;
  b_y_ = std::sqrt(std::max(dot(b, b) - b_z_ * b_z_, 1e-300));
  a_y_ = (dot(a, b) - a_z_ * b_z_) / b_y_;
  a_x_ = std::abs(determinant(a)) / (b_y_ * c_z_);
  inverse_c_z_ = 1.0 / c_z_;
  choose_bins(view);
}

void Columns::choose_bins(const ListView& view) {
  std::array<double, 3> extent{1.0, 1.0, 1.0};
  for (std::size_t k = 0; k < 3; ++k) {
    if (pbc_[k] != 0) continue;
    double low = 1e300;
    double high = -1e300;
    for (int i = 0; i < n_atoms_; ++i) {
      double fractional[3];
      row_times_matrix(view.positions + 3 * (first_atom_ + i), inverse_.data(), fractional);
      low = std::min(low, fractional[k]);
      high = std::max(high, fractional[k]);
    }
    low_[k] = low;
    extent[k] = std::max(high - low, 1e-3);
  }
  is_usable_ = true;
  for (std::size_t k = 0; k < 3; ++k) {
    const double column[3] = {inverse_[k], inverse_[3 + k], inverse_[6 + k]};
    width_[k] = reach_ * norm3(column) * (1.0 + kMargin);
    // An image further away than a packed shift can say; such a cell is far below any atom's size.
    if (pbc_[k] != 0 && width_[k] + 1 > kLargestShift) is_usable_ = false;
    n_bins_[k] = static_cast<int>(std::clamp(kBinsPerReach[k] * extent[k] / width_[k], 1.0, 1024.0));
  }
  // Much vacuum: no more bins than some times the atoms.
  while (static_cast<double>(n_bins_[0]) * n_bins_[1] * n_bins_[2] > 16.0 * n_atoms_ + 64) {
    int& largest = *std::max_element(n_bins_.begin(), n_bins_.end());
    largest = (largest + 1) / 2;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    scale_[k] = n_bins_[k] / extent[k];
    bin_size_[k] = extent[k] / n_bins_[k];
    span_[k] = static_cast<int>(std::ceil(width_[k] * scale_[k]));
    reach_bins_[k] = pbc_[k] != 0 ? span_[k] : 0;
    n_all_[k] = n_bins_[k] + (k == 0 ? 1 : 2) * reach_bins_[k];
  }
}

template <class Visit>
void Columns::for_each_image(const Placed& atom, Visit visit) const {
  std::array<std::pair<int, int>, 3> range{};
  for (std::size_t k = 0; k < 3; ++k) {
    if (pbc_[k] == 0) continue;
    const double f = atom.fractional[k];
    range[k] = {k == 0 ? 0 : static_cast<int>(std::ceil(-width_[k] - f)),
                static_cast<int>(std::floor(1.0 + width_[k] - f))};
  }
  for (int p = range[0].first; p <= range[0].second; ++p) {
    for (int q = range[1].first; q <= range[1].second; ++q) {
      for (int r = range[2].first; r <= range[2].second; ++r) visit(p, q, r);
    }
  }
}

bool Columns::place_points(const ListView& view, int* wrap) {
  atoms_.resize(index(n_atoms_));
  std::vector<int> n_before(index(n_all_[0]) * index(n_all_[1]) * index(n_all_[2]) + 1, 0);
  const auto bin_of_image = [&](const Placed& atom, int p, int q, int r) {
    // Rounding may put an image one bin beyond the last.
    const auto at = [&](std::size_t k, int shift) {
      return std::clamp(atom.bin[k] + shift * n_bins_[k], k == 0 ? 0 : -reach_bins_[k],
                        n_bins_[k] + reach_bins_[k] - 1);
    };
    return place(at(0, p), at(1, q), at(2, r));
  };
  int n_points = 0;
  for (int i = 0; i < n_atoms_; ++i) {
    Placed& atom = atoms_[index(i)];
    double fractional[3];
    row_times_matrix(view.positions + 3 * (first_atom_ + i), inverse_.data(), fractional);
    for (int k = 0; k < 3; ++k) {
      // A shift of more than 1e8 lattice vectors would not leave a digit of the position inside the cell.
      if (!(std::abs(fractional[k]) < 1e8)) return false;
      const double lattice = pbc_[index(k)] != 0 ? -std::floor(fractional[k]) : 0.0;
      wrap[3 * i + k] = static_cast<int>(lattice);
      atom.fractional[index(k)] = fractional[k] + lattice;
      atom.bin[index(k)] = bin_of(k, atom.fractional[index(k)]);
    }
    for_each_image(atom, [&](int p, int q, int r) {
      ++n_before[bin_of_image(atom, p, q, r) + 1];
      ++n_points;
    });
  }
  for (std::size_t k = 1; k < n_before.size(); ++k) n_before[k] += n_before[k - 1];
  bin_first_ = n_before;
  for (std::vector<double>* coordinate : {&x_, &y_, &z_}) coordinate->resize(index(n_points));
  for (std::vector<int>* number : {&owner_, &shift_}) number->resize(index(n_points));
  sorted_of_atom_.resize(index(n_atoms_));
  for (int i = 0; i < n_atoms_; ++i) {
    double home[3];
    const double lattice[3] = {1.0 * wrap[3 * i], 1.0 * wrap[3 * i + 1], 1.0 * wrap[3 * i + 2]};
    row_times_matrix(lattice, rows_.data(), home);
    for (int k = 0; k < 3; ++k) home[k] += view.positions[3 * (first_atom_ + i) + k];
    for_each_image(atoms_[index(i)], [&](int p, int q, int r) {
      const auto at = index(n_before[bin_of_image(atoms_[index(i)], p, q, r)]++);
      x_[at] = home[0] + p * rows_[0] + q * rows_[3] + r * rows_[6];
      y_[at] = home[1] + p * rows_[1] + q * rows_[4] + r * rows_[7];
      z_[at] = home[2] + p * rows_[2] + q * rows_[5] + r * rows_[8];
      owner_[at] = first_atom_ + i;
      shift_[at] = pack_shift(p, q, r);
      if (p == 0 && q == 0 && r == 0) sorted_of_atom_[index(i)] = static_cast<int>(at);
    });
  }
  return true;
}

std::pair<int, int> Columns::column_range(const Placed& from, int a, int b) const {
  const auto side = [&](std::size_t k, int bin) {
    const double begin = low_[k] + bin * bin_size_[k] - from.fractional[k] - kMargin;
    return Interval{begin, begin + bin_size_[k] + 2 * kMargin};
  };
  const Interval along_a = side(0, a);
  const Interval along_b = side(1, b);
  const double x = along_a.times(a_x_).nearest_to_zero();
  const double y = along_a.times(a_y_).plus(along_b.times(b_y_)).nearest_to_zero();
  const double left = reach_ * reach_ * (1.0 + kMargin) - x * x - y * y;
  if (left <= 0) return {0, 0};
  const double z = std::sqrt(left);
  const Interval offset = along_a.times(a_z_).plus(along_b.times(b_z_));
  const double last_bin = n_all_[2] - 1;
  const auto bin = [&](double offset_c) {
    const double at = (from.fractional[2] - low_[2] + offset_c * inverse_c_z_) * scale_[2] + reach_bins_[2];
    return static_cast<std::size_t>(std::clamp(at, 0.0, last_bin));
  };
  const std::size_t column = place(a, b, -reach_bins_[2]);
  const double margin = kMargin * c_z_;
  return {bin_first_[column + bin(-z - offset.high - margin)], bin_first_[column + bin(z - offset.low + margin) + 1]};
}

int Columns::search(int i_atom, std::vector<int>& found, std::vector<double>& squared) const {
  const Placed& from = atoms_[index(i_atom)];
  const int self = sorted_of_atom_[index(i_atom)];
  const double* const x = x_.data();
  const double* const y = y_.data();
  const double* const z = z_.data();
  const double home[3] = {x[self], y[self], z[self]};
  const double reach_squared = reach_ * reach_;
  const auto last_bin = [&](std::size_t k) {
    return std::min(from.bin[k] + span_[k], n_bins_[k] + reach_bins_[k] - 1);
  };
  const int first_b = std::max(from.bin[1] - span_[1], -reach_bins_[1]);
  std::ptrdiff_t n_found = 0;
  for (int a = from.bin[0]; a <= last_bin(0); ++a) {
    const bool is_own_a = a == from.bin[0];
    for (int b = is_own_a ? from.bin[1] : first_b; b <= last_bin(1); ++b) {
      const auto range = column_range(from, a, b);
      std::ptrdiff_t point = is_own_a && b == from.bin[1] ? self + 1 : range.first;
      const std::ptrdiff_t last = range.second;
      if (point >= last) continue;
      const auto needed = static_cast<std::size_t>(n_found + last - point);
      if (found.size() < needed) {
        found.resize(2 * needed);
        squared.resize(2 * needed);
      }
      int* const out = found.data();
      double* const out_squared = squared.data();
      // No branch: half of the points are out of reach, in no order that a processor could guess.
      for (; point < last; ++point) {
        const double dx = x[point] - home[0];
        const double dy = y[point] - home[1];
        const double dz = z[point] - home[2];
        const double r2 = dx * dx + dy * dy + dz * dz;
        out[n_found] = static_cast<int>(point);
        out_squared[n_found] = r2;
        n_found += r2 < reach_squared ? 1 : 0;
      }
    }
  }
  return static_cast<int>(n_found);
}

}  // namespace mofkernel::cpu
