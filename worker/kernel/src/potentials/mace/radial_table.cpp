#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <random>

#include "backend/threads.hpp"
#include "errors.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/radial_grid.hpp"
#include "potentials/mace/radial_spline.hpp"
#include "potentials/mace/spline_fit.hpp"

namespace mofkernel::mace {
namespace {

using Pairs = std::span<const std::array<int, 2>>;

constexpr std::size_t kFirstIntervals = 64;
/// Distances of a pair at which errors are measured, and of all pairs together where they are few.
constexpr std::size_t kLeastSamples = 64;
constexpr std::size_t kSamplesOfAll = 1024;
/// Rows that are multiplied at once: their features stay in the first levels of cache.
constexpr std::size_t kBlock = 32;
constexpr double kShortestBond_A = 0.5;
/// Of errors at shorter distances, where a potential is far from anything that it was made for.
constexpr double kWeightBelowBonds = 0.01;
/// How much closer the sampled distances lie at short range.
constexpr double kSampleStretch_A = 1;
/// Grids that are tried: from nearly logarithmic, for the distance transforms, to nearly uniform, for plain Bessel
/// functions.
constexpr double kStretches_A[] = {0.3, 0.6, 1.2, 2.5, 5, 10, 40};

int all_threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/// body(k) for all k in [0, n), each with a result of its own, on threads. The first error of any of them is thrown.
template <class Body>
void for_all(std::size_t n, int n_threads, Body body) {
  std::mutex mutex;
  std::exception_ptr error;
  cpu::on_threads(std::min(n_threads, static_cast<int>(n)), [&](int thread, int n_granted) {
    try {
      for (std::size_t k = static_cast<std::size_t>(thread); k < n; k += static_cast<std::size_t>(n_granted)) body(k);
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
}

struct Grid {
  cpu::mace::RadialGrid<double> map;
  std::size_t n_intervals;

  Grid(double r_max_A, double stretch_A, std::size_t n)
      : map{std::min(kFirstKnot_A, r_max_A / 2), stretch_A, 1}, n_intervals(n) {
    map.knots_per_log = static_cast<double>(n) / map.place_of(r_max_A);
  }
  [[nodiscard]] double distance_at(double place) const {
    return map.first_A + map.stretch_A * std::expm1(place / map.knots_per_log);
  }
};

/// The features at all knots of a grid, with derivatives by the place.
JetRows features_at_knots(const RadialFunctions& functions, const std::array<int, 2>& pair, const Grid& grid) {
  std::vector<double> r;
  for (std::size_t knot = 0; knot <= grid.n_intervals; ++knot) r.push_back(grid.distance_at(static_cast<double>(knot)));
  JetRows rows = functions.features(r, pair[0], pair[1]);
  for (std::size_t i = 0; i < r.size(); ++i) {
    // r as a function of the place: dr/dp = 1 / slope, d2r/dp2 = (dr/dp)^2 / (distance from the pole of the map).
    const double step = 1 / grid.map.slope_of(r[i]);
    const Jet by_place{r[i], step, step * step / (grid.map.stretch_A + r[i] - grid.map.first_A)};
    for (std::size_t k = 0; k < rows.width; ++k) {
      const Jet f = rows.get(i, k);
      rows.set(i, k, compose(by_place, f.v, f.d, f.dd));
    }
  }
  return rows;
}

/// One distance in each of as many parts as are wanted, the parts growing with the distance.
std::vector<double> sample_distances(double r_max_A, std::size_t n, std::size_t seed) {
  std::mt19937_64 random(seed);
  const Grid strata(r_max_A, kSampleStretch_A, n);
  std::vector<double> r;
  for (std::size_t k = 0; k < n; ++k)
    r.push_back(strata.distance_at(static_cast<double>(k) + std::generate_canonical<double, 53>(random)));
  return r;
}

/// Interpolated minus exact features, value and derivative, in the first two planes of `exact`.
JetRows feature_errors(const std::vector<double>& coefficients, const Grid& grid, std::span<const double> r,
                       const JetRows& exact) {
  JetRows errors(r.size(), exact.width);
  for (std::size_t i = 0; i < r.size(); ++i) {
    const double place = grid.map.place_of(r[i]);
    const double slope = grid.map.slope_of(r[i]);
    const std::size_t first = std::min(static_cast<std::size_t>(place), grid.n_intervals - 1);
    const auto w = cpu::mace::spline_weights(place - static_cast<double>(first));
    for (std::size_t k = 0; k < exact.width; ++k) {
      Jet sum{-exact.row(0, i)[k], -exact.row(1, i)[k], 0};
      for (std::size_t c = 0; c < kSplineRows; ++c) {
        const double coefficient = coefficients[(first + c) * exact.width + k];
        sum.v += w.value[c] * coefficient;
        sum.d += w.slope[c] * slope * coefficient;
      }
      errors.set(i, k, sum);
    }
  }
  return errors;
}

double largest_in(const double* from, std::size_t n) {
  double largest = 0;
  for (std::size_t k = 0; k < n; ++k) largest = std::max(largest, std::abs(from[k]));
  return largest;
}

/// Where the errors of one pair are measured.
struct Sample {
  std::vector<double> r;
  JetRows exact;
  double largest_value = 0, largest_slope = 0;  ///< of the functions, beyond the shortest bond

  Sample(const RadialFunctions& functions, const std::array<int, 2>& pair, std::size_t n, std::size_t seed)
      : r(sample_distances(functions.r_max_A(), n, seed)), exact(functions.features(r, pair[0], pair[1])) {
    const JetRows all = functions.mixing().multiply(exact, 2);
    if (!std::all_of(all.values.begin(), all.values.end(), [](double x) { return std::isfinite(x); }))
      throw KernelError(ErrorCode::unsupported,
                        "This MACE model cannot be computed: its radial functions are too large for a number.");
    for (std::size_t i = 0; i < n; ++i) {
      if (r[i] < std::min(kShortestBond_A, functions.r_max_A() / 2)) continue;
      largest_value = std::max(largest_value, largest_in(all.row(0, i), all.width));
      largest_slope = std::max(largest_slope, largest_in(all.row(1, i), all.width));
    }
    // The slopes of constants are rounding alone, which no grid makes smaller.
    largest_slope = std::max(largest_slope, largest_value / functions.r_max_A());
  }

  /// The largest error in one plane, where there are no bonds with less weight.
  [[nodiscard]] double largest_error(const JetRows& errors, std::size_t plane) const {
    double largest = 0;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const double weight = r[i] < kShortestBond_A ? kWeightBelowBonds : 1;
      largest = std::max(largest, weight * largest_in(errors.row(plane, i), errors.width));
    }
    return largest;
  }
};

struct Errors {
  double value = 0, slope = 0;
};

Errors measure(const RadialFunctions& functions, const Sample& sample, const JetRows& of_features) {
  const JetRows errors = functions.mixing().multiply(of_features, 2);
  const auto relative = [](double error, double largest) { return error == 0 ? 0 : error / largest; };
  return {relative(sample.largest_error(errors, 0), sample.largest_value),
          relative(sample.largest_error(errors, 1), sample.largest_slope)};
}

class TableMaker {
 public:
  TableMaker(const RadialFunctions& functions, Pairs pairs, int n_threads)
      : functions_(functions), pairs_(pairs), n_threads_(n_threads) {
    const std::size_t n_samples = std::max(kLeastSamples, kSamplesOfAll / std::max<std::size_t>(1, pairs.size()));
    samples_.resize(pairs.size());
    for_all(pairs.size(), n_threads, [&](std::size_t p) { samples_[p].emplace(functions, pairs[p], n_samples, p); });
  }

  /// The stretch whose coarsest grid gives the best slopes of the features, which cost much less than the functions.
  double choose_stretch() const {
    constexpr std::size_t kTried = std::size(kStretches_A);
    std::array<double, kTried> errors{};
    for_all(kTried, n_threads_, [&](std::size_t k) {
      const Grid grid(functions_.r_max_A(), kStretches_A[k], kFirstIntervals);
      const SplineFit fit(grid.n_intervals);
      for (std::size_t p = 0; p < pairs_.size(); ++p) {
        const std::vector<double> coefficients = fit.coefficients(features_at_knots(functions_, pairs_[p], grid));
        const JetRows error = feature_errors(coefficients, grid, samples_[p]->r, samples_[p]->exact);
        errors[k] = std::max(errors[k], samples_[p]->largest_error(error, 1));
      }
    });
    return kStretches_A[std::min_element(errors.begin(), errors.end()) - errors.begin()];
  }

  /// Errors of a grid; the splines of its features are kept.
  Errors try_grid(const Grid& grid) {
    const SplineFit fit(grid.n_intervals);
    coefficients_.resize(pairs_.size());
    std::vector<Errors> errors(pairs_.size());
    for_all(pairs_.size(), n_threads_, [&](std::size_t p) {
      const Sample& sample = *samples_[p];
      coefficients_[p] = fit.coefficients(features_at_knots(functions_, pairs_[p], grid));
      errors[p] = measure(functions_, sample, feature_errors(coefficients_[p], grid, sample.r, sample.exact));
    });
    Errors worst;
    for (const Errors& e : errors) worst = {std::max(worst.value, e.value), std::max(worst.slope, e.slope)};
    return worst;
  }

  /// The table of the grid that was tried last.
  RadialTable make(const Grid& grid, Errors errors) const {
    RadialTable table;
    table.first_knot_A = grid.map.first_A;
    table.stretch_A = grid.map.stretch_A;
    table.knots_per_log = grid.map.knots_per_log;
    table.n_knots = static_cast<int>(grid.n_intervals) + 1;
    table.n_functions = functions_.n_functions();
    table.largest_error = errors.value;
    table.largest_derivative_error = errors.slope;
    const auto n_rows = static_cast<std::size_t>(table.n_rows());
    const std::size_t n_blocks = (n_rows + kBlock - 1) / kBlock;
    table.values.resize(pairs_.size() * n_rows * functions_.mixing().n_out());
    for_all(pairs_.size() * n_blocks, n_threads_, [&](std::size_t k) {
      const std::size_t pair = k / n_blocks;
      const std::size_t first = k % n_blocks * kBlock;
      fill(pair, first, std::min(first + kBlock, n_rows),
           table.values.data() + pair * n_rows * functions_.mixing().n_out());
    });
    return table;
  }

 private:
  /// Rows [first, last) of one pair.
  void fill(std::size_t pair, std::size_t first, std::size_t last, double* rows) const {
    std::array<const double*, kBlock> from;
    std::array<double*, kBlock> to;
    for (std::size_t row = first; row < last; ++row) {
      from[row - first] = coefficients_[pair].data() + row * functions_.mixing().n_in();
      to[row - first] = rows + row * functions_.mixing().n_out();
    }
    functions_.mixing().multiply(std::span(from).first(last - first), std::span(to).first(last - first));
  }

  const RadialFunctions& functions_;
  Pairs pairs_;
  int n_threads_;
  std::vector<std::optional<Sample>> samples_;     ///< one for each pair
  std::vector<std::vector<double>> coefficients_;  ///< [n_pairs][rows of a pair][n_features]
};

/// How many intervals the errors ask for: they fall with the sixth (value) and fifth (slope) power of the spacing, and
/// the next try should be enough.
std::size_t next_intervals(std::size_t n, Errors errors, double tolerance) {
  const double by_value = std::pow(errors.value / tolerance, 1.0 / kSplineRows);
  const double by_slope = std::pow(errors.slope / tolerance, 1.0 / kSplineDegree);
  const double factor = std::clamp(1.1 * std::max(by_value, by_slope), 1.25, 4.0);
  const auto wanted = static_cast<std::size_t>(factor * static_cast<double>(n));
  return std::min<std::size_t>((wanted + kBlock - 1) / kBlock * kBlock, kMostKnots - 1);
}

}  // namespace

RadialTable tabulate(const RadialFunctions& functions, Pairs pairs, double tolerance, std::optional<int> n_threads) {
  TableMaker maker(functions, pairs, n_threads.value_or(all_threads()));
  const double stretch_A = maker.choose_stretch();
  for (std::size_t n = kFirstIntervals;;) {
    const Grid grid(functions.r_max_A(), stretch_A, n);
    const Errors errors = maker.try_grid(grid);
    const bool is_fine_enough = errors.value <= tolerance && errors.slope <= tolerance;
    if (is_fine_enough || n + 1 >= kMostKnots) return maker.make(grid, errors);
    n = next_intervals(n, errors, tolerance);
  }
}

}  // namespace mofkernel::mace
