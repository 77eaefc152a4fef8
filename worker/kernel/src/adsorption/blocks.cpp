#include "adsorption/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "errors.hpp"
#include "geometry/lattice.hpp"

namespace mofkernel::adsorption {

namespace {

using Vector = std::array<double, 3>;

/// Small blocks have short lists, large ones hold more places each. CO2 in MOF-5, grid and random: 1, 2 and 2.5 A are
/// up to a tenth slower or no faster.
constexpr double kBlockEdge_A = 1.5;
constexpr int kMaxBlocks = 32768;
constexpr double kBinEdge_A = 4;

struct Lattice {
  std::array<double, 9> cell{};
  std::array<double, 9> inverse{};
  Vector widths{};  ///< A, between opposite faces

  explicit Lattice(const Structure& framework) {
    for (std::size_t k = 0; k < 9; ++k) cell[k] = framework.cell[k / 3][k % 3];
    cpu::invert(cell.data(), inverse.data());
    for (std::size_t a = 0; a < 3; ++a) {
      const double reciprocal[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
      widths[a] = 1 / cpu::norm3(reciprocal);
    }
  }

  [[nodiscard]] Vector cartesian(const Vector& fractional) const {
    Vector out;
    cpu::row_times_matrix(fractional.data(), cell.data(), out.data());
    return out;
  }
  [[nodiscard]] Vector fractional(const Vector& cartesian) const {
    Vector out;
    cpu::row_times_matrix(cartesian.data(), inverse.data(), out.data());
    return out;
  }
};

double squared_distance(const Vector& a, const Vector& b) {
  const double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

std::array<int, 3> choose_shape(const Vector& widths) {
  double edge = kBlockEdge_A;
  for (;;) {
    std::array<int, 3> shape{};
    double n_blocks = 1;
    for (std::size_t a = 0; a < 3; ++a) {
      shape[a] = static_cast<int>(std::min(1e6, std::max(1.0, std::round(widths[a] / edge))));
      n_blocks *= shape[a];
    }
    if (n_blocks <= kMaxBlocks) return shape;
    edge *= 1.2;
  }
}

/// Largest distance of a place in a block from the block's center.
double half_diagonal(const Lattice& lattice, const std::array<int, 3>& shape) {
  double largest = 0;
  for (int corner = 0; corner < 4; ++corner) {
    const Vector half =
        lattice.cartesian({0.5 / shape[0], (corner & 1 ? 0.5 : -0.5) / shape[1], (corner & 2 ? 0.5 : -0.5) / shape[2]});
    largest = std::max(largest, cpu::norm3(half.data()));
  }
  // Rounding may put a place on a face into the block beyond it.
  return largest * (1 + 1e-9) + 1e-9;
}

std::vector<Image> images_within(const Structure& framework, const Lattice& lattice, double reach_A) {
  std::vector<Image> images;
  Vector margin;
  for (std::size_t a = 0; a < 3; ++a) margin[a] = reach_A / lattice.widths[a];
  for (int atom = 0; atom < framework.n_atoms(); ++atom) {
    Vector home = lattice.fractional(framework.positions[static_cast<std::size_t>(atom)]);
    std::array<int, 3> first{};
    std::array<int, 3> last{};
    for (std::size_t a = 0; a < 3; ++a) {
      home[a] -= std::floor(home[a]);
      first[a] = static_cast<int>(std::ceil(-margin[a] - home[a]));
      last[a] = static_cast<int>(std::floor(1 + margin[a] - home[a]));
    }
    for (int i = first[0]; i <= last[0]; ++i) {
      for (int j = first[1]; j <= last[1]; ++j) {
        for (int k = first[2]; k <= last[2]; ++k) {
          images.push_back({lattice.cartesian({home[0] + i, home[1] + j, home[2] + k}), atom});
        }
      }
    }
  }
  return images;
}

/// Images by the cube of space that they are in.
class Bins {
 public:
  explicit Bins(std::span<const Image> images) : images_(images) {
    Vector low;
    Vector high;
    low.fill(std::numeric_limits<double>::max());
    high.fill(std::numeric_limits<double>::lowest());
    for (const Image& image : images) {
      for (std::size_t a = 0; a < 3; ++a) {
        low[a] = std::min(low[a], image.position[a]);
        high[a] = std::max(high[a], image.position[a]);
      }
    }
    low_ = low;
    for (std::size_t a = 0; a < 3; ++a) shape_[a] = 1 + static_cast<int>((high[a] - low[a]) / kBinEdge_A);
    first_.assign(static_cast<std::size_t>(shape_[0]) * shape_[1] * shape_[2] + 1, 0);
    for (const Image& image : images) ++first_[bin_of(image.position) + 1];
    for (std::size_t b = 1; b < first_.size(); ++b) first_[b] += first_[b - 1];
    members_.resize(images.size());
    std::vector<int> next(first_.begin(), first_.end() - 1);
    for (std::size_t i = 0; i < images.size(); ++i) {
      members_[static_cast<std::size_t>(next[bin_of(images[i].position)]++)] = static_cast<int>(i);
    }
  }

  /// visit(image, squared distance) for every image within `radius` of `center`.
  template <class Visit>
  void visit_near(const Vector& center, double radius, Visit visit) const {
    std::array<int, 3> from{};
    std::array<int, 3> to{};
    for (std::size_t a = 0; a < 3; ++a) {
      from[a] = clamp_bin(a, center[a] - radius);
      to[a] = clamp_bin(a, center[a] + radius);
    }
    for (int i = from[0]; i <= to[0]; ++i) {
      for (int j = from[1]; j <= to[1]; ++j) {
        const auto row = (static_cast<std::size_t>(i) * shape_[1] + j) * shape_[2];
        for (int m = first_[row + from[2]]; m < first_[row + to[2] + 1]; ++m) {
          const int image = members_[static_cast<std::size_t>(m)];
          const double r2 = squared_distance(images_[static_cast<std::size_t>(image)].position, center);
          if (r2 <= radius * radius) visit(image, r2);
        }
      }
    }
  }

 private:
  [[nodiscard]] int clamp_bin(std::size_t axis, double x) const {
    const double bin = std::floor((x - low_[axis]) / kBinEdge_A);
    return static_cast<int>(std::clamp(bin, 0.0, shape_[axis] - 1.0));
  }
  [[nodiscard]] std::size_t bin_of(const Vector& x) const {
    return (static_cast<std::size_t>(clamp_bin(0, x[0])) * shape_[1] + clamp_bin(1, x[1])) * shape_[2] +
           clamp_bin(2, x[2]);
  }

  std::span<const Image> images_;
  Vector low_{};
  std::array<int, 3> shape_{};
  std::vector<int> first_;
  std::vector<int> members_;
};

}  // namespace

BlockCounts predict_blocks(const Structure& framework, double cutoff_A) {
  const Lattice lattice(framework);
  const std::array<int, 3> shape = choose_shape(lattice.widths);
  const double reach = cutoff_A + half_diagonal(lattice, shape);
  const double in_sphere = framework.n_atoms() / std::abs(cpu::determinant(lattice.cell.data())) * 4 / 3 *
                           std::numbers::pi * reach * reach * reach;
  BlockCounts counts{1.0 * framework.n_atoms(), in_sphere};
  for (std::size_t a = 0; a < 3; ++a) {
    counts.n_images *= 1 + 2 * reach / lattice.widths[a];
    counts.n_entries *= shape[a];
  }
  return counts;
}

Blocks make_blocks(const Structure& framework, double near_cutoff_A, double cutoff_A) {
  const Lattice lattice(framework);
  Blocks blocks;
  blocks.shape = choose_shape(lattice.widths);
  const auto [n_a, n_b, n_c] = blocks.shape;
  const int n_blocks = n_a * n_b * n_c;
  const double half = half_diagonal(lattice, blocks.shape);
  blocks.images = images_within(framework, lattice, cutoff_A + half);
  const Bins bins(blocks.images);
  const double near = near_cutoff_A + half;
  std::vector<std::vector<int>> near_entries(static_cast<std::size_t>(n_blocks));
  std::vector<std::vector<int>> far_entries(static_cast<std::size_t>(n_blocks));
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
  for (int block = 0; block < n_blocks; ++block) {
    const Vector center = lattice.cartesian(
        {(block / (n_b * n_c) + 0.5) / n_a, (block / n_c % n_b + 0.5) / n_b, (block % n_c + 0.5) / n_c});
    const auto b = static_cast<std::size_t>(block);
    bins.visit_near(center, cutoff_A + half, [&](int image, double r2) {
      (r2 <= near * near ? near_entries : far_entries)[b].push_back(image);
    });
  }
  std::size_t n_entries = 0;
  for (std::size_t b = 0; b < near_entries.size(); ++b) n_entries += near_entries[b].size() + far_entries[b].size();
  if (n_entries > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw KernelError(ErrorCode::out_of_memory, "the framework has too many atoms within the cutoff for insertions; " +
                                                    std::string("choose a smaller cutoff"));
  }
  blocks.entries.reserve(n_entries);
  blocks.first = {0};
  for (std::size_t b = 0; b < near_entries.size(); ++b) {
    blocks.entries.insert(blocks.entries.end(), near_entries[b].begin(), near_entries[b].end());
    blocks.end_near.push_back(static_cast<int>(blocks.entries.size()));
    blocks.entries.insert(blocks.entries.end(), far_entries[b].begin(), far_entries[b].end());
    blocks.first.push_back(static_cast<int>(blocks.entries.size()));
  }
  return blocks;
}

}  // namespace mofkernel::adsorption
