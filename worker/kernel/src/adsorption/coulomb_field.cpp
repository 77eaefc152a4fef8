#include "adsorption/coulomb_field.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>

#include "adsorption/formulas.hpp"
#include "errors.hpp"
#include "geometry/lattice.hpp"
#include "units.hpp"

namespace mofkernel::adsorption {

namespace {

using std::numbers::pi;
using Complex = std::complex<double>;

/// erf(alpha r) / r is a smooth function of r^2; cubics over 1/32 of its natural unit miss it by 4e-11 of its value.
constexpr double kIntervalsPerUnit = 32;
/// CO2 in MOF-5 on a grid: 8 A takes a fifth longer, 5 A a twentieth less with 1.7 times as many grid points.
constexpr double kSmallestCutoff_A = 6;
constexpr double kPointsForSpeed = 4e6;
constexpr int kBefore = cpu::insertion::kSplineOrder / 2 - 1;
constexpr int kMargin = cpu::insertion::kSplineOrder - 1;

struct Split {
  double alpha;      ///< 1/A
  double cutoff_A;   ///< real space
  double k_cutoff;   ///< 1/A
  double spacing_A;  ///< of the grid
};

/// Both neglected parts fall as exp(-s^2). The grid's error is that of a B-spline of order 8 for the waves that matter
/// most (k = 3.5 alpha): about (0.55 alpha spacing)^8.
Split choose_split(double volume_A3, const electrostatics::Options& options) {
  const double s = std::sqrt(-std::log(0.01 * options.relative_accuracy));
  const double alpha_spacing = std::clamp(0.2 * std::pow(options.relative_accuracy / 1e-6, 0.125), 0.08, 0.25);
  const double for_few_points = s / alpha_spacing * std::cbrt(volume_A3 / kPointsForSpeed);
  const double cutoff = std::min(options.cutoff_A, std::max(kSmallestCutoff_A, for_few_points));
  const double alpha = s / cutoff;
  return {alpha, cutoff, 2 * alpha * s, alpha_spacing / alpha};
}

/// The waves that count and the grid that can hold them.
struct Extent {
  std::array<int, 3> largest{};  ///< |n| of the waves along each axis
  std::array<int, 3> shape{};

  Extent(const Structure& framework, const Split& split) {
    double n_points = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double length = cpu::norm3(framework.cell[axis].data());
      const double n_waves = split.k_cutoff * length / (2 * pi);
      n_points *= std::max(2 * n_waves + 2, length / split.spacing_A);
      if (!(n_points < 0x1p30)) {
        throw KernelError(ErrorCode::out_of_memory,
                          "the framework is too large for the Ewald sum of insertions; use the damped shifted force");
      }
      largest[axis] = static_cast<int>(n_waves);
      shape[axis] = std::max(2 * largest[axis] + 2, static_cast<int>(std::ceil(length / split.spacing_A)));
    }
  }
};

/// Cubics through the Chebyshev points of each interval of u = r^2.
template <class F>
std::vector<double> tabulate(F smooth, double u_end, double intervals_per_u) {
  const auto n = static_cast<std::size_t>(std::ceil(u_end * intervals_per_u)) + 1;
  std::vector<double> table(4 * n);
  for (std::size_t i = 0; i < n; ++i) {
    double node[4];
    double divided[4];
    for (int k = 0; k < 4; ++k) {
      node[k] = 0.5 - 0.5 * std::cos(pi * (2 * k + 1) / 8);
      divided[k] = smooth((static_cast<double>(i) + node[k]) / intervals_per_u);
    }
    for (int level = 1; level < 4; ++level) {
      for (int k = 3; k >= level; --k) divided[k] = (divided[k] - divided[k - 1]) / (node[k] - node[k - level]);
    }
    // Newton's form to powers.
    double* const c = table.data() + 4 * i;
    c[0] = divided[3];
    for (int k = 2; k >= 0; --k) {
      for (int m = 3 - k; m > 0; --m) c[m] = c[m - 1] - node[k] * c[m];
      c[0] = divided[k] - node[k] * c[0];
    }
  }
  return table;
}

/// erf(alpha r) / r as a function of u = r^2.
double erf_over_r(double alpha, double u) {
  const double x2 = alpha * alpha * u;
  // Series near zero: 2 alpha / sqrt(pi) (1 - x^2/3 + x^4/10 - x^6/42).
  if (x2 < 1e-3) return 2 * alpha / std::sqrt(pi) * (1 - x2 * (1.0 / 3 - x2 * (0.1 - x2 / 42)));
  return std::erf(std::sqrt(x2)) / std::sqrt(u);
}

/// The sum over waves k = 2 pi (a, b, c) @ inverse^T on half of k-space, and its way onto the grid, one axis after
/// another.
class Waves {
 public:
  Waves(const Structure& framework, std::span<const double> charges, const Split& split, const Extent& extent)
      : split_(split), largest_(extent.largest), shape_(extent.shape) {
    for (std::size_t k = 0; k < 9; ++k) cell_[k] = framework.cell[k / 3][k % 3];
    cpu::invert(cell_.data(), inverse_.data());
    volume_ = std::abs(cpu::determinant(cell_.data()));
    sum_charges(framework, charges);
  }

  [[nodiscard]] std::vector<double> on_grid() const {
    const std::vector<Complex> along_c = transform_c();
    const std::vector<Complex> along_bc = transform_b(along_c);
    return with_margins(transform_a(along_bc));
  }

 private:
  [[nodiscard]] std::size_t count(std::size_t axis) const { return static_cast<std::size_t>(2 * largest_[axis] + 1); }
  [[nodiscard]] std::size_t points(std::size_t axis) const { return static_cast<std::size_t>(shape_[axis]); }

  /// exp(2 pi i n k / N) for every k.
  [[nodiscard]] std::vector<Complex> roots(std::size_t axis) const {
    std::vector<Complex> roots(points(axis));
    for (std::size_t k = 0; k < roots.size(); ++k)
      roots[k] = std::polar(1.0, 2 * pi * static_cast<double>(k) / shape_[axis]);
    return roots;
  }

  [[nodiscard]] Complex root(const std::vector<Complex>& roots, int n, std::size_t k) const {
    const auto size = static_cast<long long>(roots.size());
    const long long product = n * static_cast<long long>(k) % size;
    return roots[static_cast<std::size_t>(product < 0 ? product + size : product)];
  }

  /// The spline through the values of a wave at the grid points has this fraction of the wave as its coefficients.
  [[nodiscard]] double spline_factor(std::size_t axis, int n) const {
    double weights[cpu::insertion::kSplineOrder];
    cpu::insertion::spline_weights(0.0, weights);
    double sum = 0;
    for (int k = 0; k < cpu::insertion::kSplineOrder; ++k)
      sum += weights[k] * std::cos(2 * pi * n * (k - kBefore) / shape_[axis]);
    return 1 / sum;
  }

  /// 4 pi / V exp(-k^2 / 4 alpha^2) / k^2, times two for the half of k-space that is left out; 0 beyond the cutoff.
  [[nodiscard]] double weight(int a, int b, int c) const {
    if (a == 0 && b == 0 && c == 0) return -pi / (split_.alpha * split_.alpha * volume_);
    double k2 = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double* const row = inverse_.data() + 3 * axis;
      const double k = 2 * pi * (a * row[0] + b * row[1] + c * row[2]);
      k2 += k * k;
    }
    if (k2 > split_.k_cutoff * split_.k_cutoff) return 0;
    return (a == 0 ? 1 : 2) * 4 * pi / volume_ * std::exp(-k2 / (4 * split_.alpha * split_.alpha)) / k2;
  }

  /// waves_[a][b][c] = weight sum_j q_j exp(-i k r_j), in volts, with the factors of the spline.
  void sum_charges(const Structure& framework, std::span<const double> charges) {
    const std::size_t n_atoms = charges.size();
    std::array<std::vector<double>, 3> fractional;
    for (const auto& position : framework.positions) {
      double f[3];
      cpu::row_times_matrix(position.data(), inverse_.data(), f);
      for (std::size_t axis = 0; axis < 3; ++axis) fractional[axis].push_back(f[axis] - std::floor(f[axis]));
    }
    // Phases along c of every atom, [c][atom].
    const std::size_t n_c = count(2);
    std::vector<double> cosines(n_c * n_atoms);
    std::vector<double> sines(n_c * n_atoms);
    for (std::size_t c = 0; c < n_c; ++c) {
      for (std::size_t j = 0; j < n_atoms; ++j) {
        const double angle = -2 * pi * (static_cast<int>(c) - largest_[2]) * fractional[2][j];
        cosines[c * n_atoms + j] = std::cos(angle);
        sines[c * n_atoms + j] = std::sin(angle);
      }
    }
    const int n_a = largest_[0] + 1;
    const int n_b = 2 * largest_[1] + 1;
    waves_.assign(static_cast<std::size_t>(n_a) * n_b * n_c, 0);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
    for (int ab = 0; ab < n_a * n_b; ++ab) {
      const int a = ab / n_b;
      const int b = ab % n_b - largest_[1];
      std::vector<double> re(n_atoms);
      std::vector<double> im(n_atoms);
      for (std::size_t j = 0; j < n_atoms; ++j) {
        const double angle = -2 * pi * (a * fractional[0][j] + b * fractional[1][j]);
        re[j] = kCoulombEvA * charges[j] * std::cos(angle);
        im[j] = kCoulombEvA * charges[j] * std::sin(angle);
      }
      for (std::size_t c = 0; c < n_c; ++c) {
        const int n = static_cast<int>(c) - largest_[2];
        const double factor = weight(a, b, n);
        if (factor == 0) continue;
        const double* const cosine = cosines.data() + c * n_atoms;
        const double* const sine = sines.data() + c * n_atoms;
        double sum_re = 0;
        double sum_im = 0;
        for (std::size_t j = 0; j < n_atoms; ++j) {
          sum_re += re[j] * cosine[j] - im[j] * sine[j];
          sum_im += re[j] * sine[j] + im[j] * cosine[j];
        }
        waves_[static_cast<std::size_t>(ab) * n_c + c] =
            factor * spline_factor(0, a) * spline_factor(1, b) * spline_factor(2, n) * Complex(sum_re, sum_im);
      }
    }
  }

  /// [a][b][point c]
  [[nodiscard]] std::vector<Complex> transform_c() const {
    const std::size_t n_rows = static_cast<std::size_t>(largest_[0] + 1) * count(1);
    const std::vector<Complex> unit = roots(2);
    std::vector<Complex> out(n_rows * points(2));
    for (std::size_t row = 0; row < n_rows; ++row) {
      for (std::size_t c = 0; c < count(2); ++c) {
        const Complex wave = waves_[row * count(2) + c];
        if (wave == Complex{}) continue;
        for (std::size_t k = 0; k < points(2); ++k)
          out[row * points(2) + k] += wave * root(unit, static_cast<int>(c) - largest_[2], k);
      }
    }
    return out;
  }

  /// [a][point b][point c]
  [[nodiscard]] std::vector<Complex> transform_b(const std::vector<Complex>& in) const {
    const std::vector<Complex> unit = roots(1);
    const int n_a = largest_[0] + 1;
    std::vector<Complex> out(static_cast<std::size_t>(n_a) * points(1) * points(2));
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
    for (int a = 0; a < n_a; ++a) {
      for (std::size_t j = 0; j < points(1); ++j) {
        Complex* const row = out.data() + (static_cast<std::size_t>(a) * points(1) + j) * points(2);
        for (std::size_t b = 0; b < count(1); ++b) {
          const Complex phase = root(unit, static_cast<int>(b) - largest_[1], j);
          const Complex* const from = in.data() + (static_cast<std::size_t>(a) * count(1) + b) * points(2);
          for (std::size_t k = 0; k < points(2); ++k) row[k] += multiply(phase, from[k]);
        }
      }
    }
    return out;
  }

  /// [point a][point b][point c]
  [[nodiscard]] std::vector<double> transform_a(const std::vector<Complex>& in) const {
    const std::vector<Complex> unit = roots(0);
    const std::size_t plane = points(1) * points(2);
    std::vector<double> out(points(0) * plane);
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
    for (int i = 0; i < shape_[0]; ++i) {
      double* const to = out.data() + static_cast<std::size_t>(i) * plane;
      for (int a = 0; a <= largest_[0]; ++a) {
        const Complex phase = root(unit, a, static_cast<std::size_t>(i));
        const Complex* const from = in.data() + static_cast<std::size_t>(a) * plane;
        for (std::size_t k = 0; k < plane; ++k) to[k] += phase.real() * from[k].real() - phase.imag() * from[k].imag();
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<double> with_margins(const std::vector<double>& in) const {
    const std::size_t n_b = points(1) + kMargin;
    const std::size_t n_c = points(2) + kMargin;
    std::vector<double> out((points(0) + kMargin) * n_b * n_c);
    const auto home = [&](std::size_t axis, std::size_t i) {
      return (i + points(axis) * kMargin - kBefore) % points(axis);
    };
    for (std::size_t i = 0; i < points(0) + kMargin; ++i) {
      for (std::size_t j = 0; j < n_b; ++j) {
        const double* const from = in.data() + (home(0, i) * points(1) + home(1, j)) * points(2);
        for (std::size_t k = 0; k < n_c; ++k) out[(i * n_b + j) * n_c + k] = from[home(2, k)];
      }
    }
    return out;
  }

  /// std::complex's own product looks for infinities, which keeps it from being vectorized.
  static Complex multiply(const Complex& a, const Complex& b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }

  Split split_;
  std::array<int, 3> largest_{};
  std::array<int, 3> shape_{};
  std::array<double, 9> cell_{};
  std::array<double, 9> inverse_{};
  double volume_ = 0;
  std::vector<Complex> waves_;
};

CoulombField ewald_field(const Structure& framework, std::span<const double> charges,
                         const electrostatics::Options& options) {
  const Split split = choose_split(std::abs(cpu::determinant(framework.cell[0].data())), options);
  CoulombField field;
  field.cutoff_A = split.cutoff_A;
  field.intervals_per_A2 = kIntervalsPerUnit * split.alpha * split.alpha;
  field.table = tabulate([&](double u) { return erf_over_r(split.alpha, u); }, split.cutoff_A * split.cutoff_A,
                         field.intervals_per_A2);
  const Extent extent(framework, split);
  field.shape = extent.shape;
  field.grid = Waves(framework, charges, split, extent).on_grid();
  return field;
}

/// 1/r - smooth + slope r = erfc(alpha r)/r - erfc(alpha rc)/rc + slope (r - rc).
CoulombField damped_shifted_field(const electrostatics::Options& options) {
  const double alpha = options.damping_per_A;
  const double rc = options.cutoff_A;
  const double end = std::erfc(alpha * rc) / rc;
  CoulombField field;
  field.cutoff_A = rc;
  field.slope_per_A2 = end / rc + 2 * alpha / std::sqrt(pi) * std::exp(-alpha * alpha * rc * rc) / rc;
  const double constant = end + field.slope_per_A2 * rc;
  // A weak damping is smooth over many intervals; a few of them are always needed.
  field.intervals_per_A2 = std::max(kIntervalsPerUnit * alpha * alpha, 8 / (rc * rc));
  field.table = tabulate([&](double u) { return erf_over_r(alpha, u) + constant; }, rc * rc, field.intervals_per_A2);
  return field;
}

}  // namespace

CoulombFieldSize predict_coulomb_field(const Structure& framework, const electrostatics::Options& options) {
  if (options.method != electrostatics::Method::ewald) return {options.cutoff_A, 0};
  const Split split = choose_split(std::abs(cpu::determinant(framework.cell[0].data())), options);
  CoulombFieldSize size{split.cutoff_A, 1};
  for (const int n : Extent(framework, split).shape) size.n_grid_values *= n + kMargin;
  return size;
}

CoulombField make_coulomb_field(const Structure& framework, std::span<const double> charges,
                                const electrostatics::Options& options) {
  return options.method == electrostatics::Method::ewald ? ewald_field(framework, charges, options)
                                                         : damped_shifted_field(options);
}

}  // namespace mofkernel::adsorption
