#include "potentials/dispersion/surroundings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "geometry/lattice.hpp"

namespace mofkernel::cpu {

namespace {

/// Columns of bins along z are this wide: wider ones hold more points out of reach, narrower ones shorter runs.
constexpr double kColumn_A = 4;
constexpr double kBin_A = 3;
/// Far apart atoms do not get a bin for every 4 A between them.
constexpr double kMostBinsPerPoint = 4;
constexpr int kMostBinsAlongAxis = 1024;
/// Rounding of places must not lose a pair.
constexpr double kMargin_A = 1e-5;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Lowest and highest coordinates of some places.
struct Box {
  std::array<double, 3> low{1e300, 1e300, 1e300};
  std::array<double, 3> high{-1e300, -1e300, -1e300};

  void add(const std::array<double, 3>& x) {
    for (std::size_t a = 0; a < 3; ++a) {
      low[a] = std::min(low[a], x[a]);
      high[a] = std::max(high[a], x[a]);
    }
  }
  [[nodiscard]] bool holds(const std::array<double, 3>& x, double margin) const {
    for (std::size_t a = 0; a < 3; ++a) {
      if (x[a] < low[a] - margin || x[a] > high[a] + margin) return false;
    }
    return true;
  }
};

/// Of one coordinate: near most atoms also when one has flown away, so that single precision keeps its digits.
double median(std::span<const std::array<double, 3>> places, std::size_t axis) {
  std::vector<double> along;
  along.reserve(places.size());
  for (const auto& x : places) along.push_back(x[axis]);
  const auto middle = along.begin() + static_cast<std::ptrdiff_t>(along.size() / 2);
  std::nth_element(along.begin(), middle, along.end());
  return *middle;
}

Box box_of(std::span<const std::array<double, 3>> places) {
  Box box;
  for (const auto& x : places) box.add(x);
  return box;
}

}  // namespace

template <class T>
Surroundings<T>::Surroundings(std::span<const int> types) : types_(types.begin(), types.end()) {
  std::ranges::sort(types_);
  types_.erase(std::unique(types_.begin(), types_.end()), types_.end());
  for (const int type : types)
    type_of_atom_.push_back(static_cast<int>(std::ranges::lower_bound(types_, type) - types_.begin()));
}

template <class T>
void Surroundings<T>::place(const StructureView& view, double reach) {
  wrap_atoms(view);
  order_.resize(index(view.n_atoms));
  std::iota(order_.begin(), order_.end(), 0);
  order_atoms(0, view.n_atoms);
  list_images(view, reach + kMargin_A);
  choose_bins();
  sort_points(view.first_atom);
}

template <class T>
void Surroundings<T>::wrap_atoms(const StructureView& view) {
  double rows[9];
  double inverse[9];
  complete_lattice(view.cell, view.pbc, rows);
  invert(rows, inverse);
  placed_.resize(index(view.n_atoms));
  for (int i = 0; i < view.n_atoms; ++i) {
    double wrap[3];
    double fractional[3];
    row_times_matrix(view.positions + 3 * i, inverse, fractional);
    for (int a = 0; a < 3; ++a) wrap[a] = view.pbc[a] != 0 ? -std::floor(fractional[a]) : 0.0;
    double lattice[3];
    row_times_matrix(wrap, rows, lattice);
    for (int a = 0; a < 3; ++a) placed_[index(i)][index(a)] = view.positions[3 * i + a] + lattice[a];
  }
  for (std::size_t a = 0; a < 3; ++a) {
    const double origin = median(placed_, a);
    for (auto& x : placed_) x[a] -= origin;
  }
}

/// Cuts the atoms in two across their longest side until a part is a block.
template <class T>
void Surroundings<T>::order_atoms(int first, int last) {
  const int n_blocks = (last - first + kCrowd<T> - 1) / kCrowd<T>;
  if (n_blocks < 2) return;
  Box box;
  for (int k = first; k < last; ++k) box.add(placed_[index(order_[index(k)])]);
  std::size_t axis = 0;
  for (std::size_t a = 1; a < 3; ++a) {
    if (box.high[a] - box.low[a] > box.high[axis] - box.low[axis]) axis = a;
  }
  const int middle = first + n_blocks / 2 * kCrowd<T>;
  const auto begin = order_.begin();
  std::nth_element(begin + first, begin + middle, begin + last, [&](int i, int j) {
    const double x = placed_[index(i)][axis];
    const double y = placed_[index(j)][axis];
    return x != y ? x < y : i < j;
  });
  order_atoms(first, middle);
  order_atoms(middle, last);
}

template <class T>
void Surroundings<T>::list_images(const StructureView& view, double reach) {
  double rows[9];
  double inverse[9];
  complete_lattice(view.cell, view.pbc, rows);
  invert(rows, inverse);
  std::vector<std::array<double, 3>> fractional(placed_.size());
  for (std::size_t i = 0; i < placed_.size(); ++i) row_times_matrix(placed_[i].data(), inverse, fractional[i].data());
  const Box atoms = box_of(placed_);
  const Box fractional_atoms = box_of(fractional);
  double width[3];  // the reach in fractional coordinates
  for (int a = 0; a < 3; ++a) {
    const double column[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
    width[a] = view.pbc[a] != 0 ? reach * norm3(column) : 0.0;
  }
  images_.clear();
  for (int i = 0; i < view.n_atoms; ++i) {
    int from[3] = {};
    int to[3] = {};
    for (int a = 0; a < 3; ++a) {
      if (view.pbc[a] == 0) continue;
      const double f = fractional[index(i)][index(a)];
      from[a] = static_cast<int>(std::ceil(fractional_atoms.low[index(a)] - width[a] - f));
      to[a] = static_cast<int>(std::floor(fractional_atoms.high[index(a)] + width[a] - f));
    }
    for (int n_a = from[0]; n_a <= to[0]; ++n_a) {
      for (int n_b = from[1]; n_b <= to[1]; ++n_b) {
        for (int n_c = from[2]; n_c <= to[2]; ++n_c) {
          const double shift[3] = {1.0 * n_a, 1.0 * n_b, 1.0 * n_c};
          std::array<double, 3> x{};
          row_times_matrix(shift, rows, x.data());
          for (std::size_t a = 0; a < 3; ++a) x[a] += placed_[index(i)][a];
          if (atoms.holds(x, reach)) images_.push_back({x, i, 0});
        }
      }
    }
  }
}

template <class T>
void Surroundings<T>::choose_bins() {
  Box box;
  for (const Image& image : images_) box.add(image.x);
  const double size[3] = {kColumn_A, kColumn_A, kBin_A};
  for (std::size_t a = 0; a < 3; ++a) {
    const double extent = box.high[a] - box.low[a];
    n_bins_[a] = static_cast<int>(std::clamp(extent / size[a], 1.0, 1.0 * kMostBinsAlongAxis));
  }
  const double most = kMostBinsPerPoint * static_cast<double>(images_.size()) / static_cast<double>(types_.size()) + 8;
  while (1.0 * n_bins_[0] * n_bins_[1] * n_bins_[2] > most) *std::ranges::max_element(n_bins_) /= 2;
  for (std::size_t a = 0; a < 3; ++a) {
    low_[a] = box.low[a];
    width_[a] = std::max((box.high[a] - box.low[a]) / n_bins_[a], 1e-3);
    inverse_width_[a] = 1 / width_[a];
  }
}

template <class T>
int Surroundings<T>::bin_along(std::size_t axis, double x) const {
  return static_cast<int>(std::clamp((x - low_[axis]) * inverse_width_[axis], 0.0, n_bins_[axis] - 1.0));
}

template <class T>
void Surroundings<T>::sort_points(int first_atom) {
  const auto n_all = index(n_bins_[0]) * index(n_bins_[1]) * index(n_bins_[2]) * types_.size();
  first_point_.assign(n_all + 1, 0);
  for (Image& image : images_) {
    const int type = type_of_atom_[index(image.atom)];
    image.bin = type;
    for (std::size_t a = 0; a < 3; ++a) image.bin = image.bin * n_bins_[a] + bin_along(a, image.x[a]);
    ++first_point_[index(image.bin) + 1];
  }
  for (std::size_t k = 1; k < first_point_.size(); ++k) first_point_[k] += first_point_[k - 1];
  points_.resize(images_.size());
  // Afterwards every bin's entry is where the next one begins: moved back by one, it is right again.
  for (const Image& image : images_) {
    points_[index(first_point_[index(image.bin)]++)] = {static_cast<T>(image.x[0]), static_cast<T>(image.x[1]),
                                                        static_cast<T>(image.x[2]), first_atom + image.atom};
  }
  std::ranges::copy_backward(first_point_.begin(), first_point_.end() - 1, first_point_.end());
  first_point_.front() = 0;
}

template <class T>
std::array<int, kCrowd<T>> Surroundings<T>::atoms(int block) const {
  std::array<int, kCrowd<T>> result{};
  for (int lane = 0; lane < kCrowd<T>; ++lane)
    result[index(lane)] = order_[std::min(index(block * kCrowd<T> + lane), order_.size() - 1)];
  return result;
}

template <class T>
void Surroundings<T>::find_runs(int block, double radius, Runs& runs) const {
  find_windows(block, radius + kMargin_A, runs.windows);
  runs.runs.clear();
  runs.first_of_type.assign(1, 0);
  const int n_of_type = n_bins_[0] * n_bins_[1] * n_bins_[2];
  for (int type = 0; type < static_cast<int>(types_.size()); ++type) {
    const int* const first_point = first_point_.data() + index(type) * index(n_of_type);
    for (const Run& window : runs.windows) {
      const Run run{first_point[window.first], first_point[window.last]};
      if (run.first < run.last) runs.runs.push_back(run);
    }
    runs.first_of_type.push_back(static_cast<int>(runs.runs.size()));
  }
}

template <class T>
void Surroundings<T>::find_windows(int block, double reach, std::vector<Run>& windows) const {
  Box home;
  for (const int atom : atoms(block)) home.add(position(atom));
  const auto gap = [&](std::size_t axis, int bin) {
    const double begin = low_[axis] + bin * width_[axis];
    return std::max({begin - home.high[axis], home.low[axis] - begin - width_[axis], 0.0});
  };
  const int last_b = bin_along(1, home.high[1] + reach);
  windows.clear();
  for (int a = bin_along(0, home.low[0] - reach); a <= bin_along(0, home.high[0] + reach); ++a) {
    const double left = reach * reach - gap(0, a) * gap(0, a);
    for (int b = bin_along(1, home.low[1] - reach); b <= last_b; ++b) {
      const double squared = left - gap(1, b) * gap(1, b);
      if (squared < 0) continue;
      const double height = std::sqrt(squared);
      const int column = (a * n_bins_[1] + b) * n_bins_[2];
      windows.push_back(
          {column + bin_along(2, home.low[2] - height), column + bin_along(2, home.high[2] + height) + 1});
    }
  }
}

template class Surroundings<double>;
template class Surroundings<float>;

}  // namespace mofkernel::cpu
