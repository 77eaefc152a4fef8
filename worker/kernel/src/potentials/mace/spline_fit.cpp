#include "potentials/mace/spline_fit.hpp"

#include <algorithm>

namespace mofkernel::mace {
namespace {

/// B-splines at a knot, and their derivatives.
constexpr std::array<double, 5> kValue{1.0 / 120, 26.0 / 120, 66.0 / 120, 26.0 / 120, 1.0 / 120};
constexpr std::array<double, 5> kFirst{-1.0 / 24, -10.0 / 24, 0, 10.0 / 24, 1.0 / 24};
constexpr std::array<double, 5> kSecond{1.0 / 6, 2.0 / 6, -6.0 / 6, 2.0 / 6, 1.0 / 6};

}  // namespace

/// Rows: value and derivatives at the first knot, the values between, value and derivatives at the last one. In this
/// order the pivots lie between 0.008 and 5, and none has to be looked for.
SplineFit::SplineFit(std::size_t n_intervals) : n_intervals_(n_intervals), equations_(n_intervals + kBand, kValue) {
  const std::size_t n = equations_.size();
  equations_[1] = equations_[n - 2] = kFirst;
  equations_[2] = equations_[n - 1] = kSecond;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t pivot = first_column(row); pivot < row; ++pivot) {
      const double factor = at(row, pivot) / at(pivot, pivot);
      at(row, pivot) = factor;
      for (std::size_t column = pivot + 1; column < first_column(pivot) + kBand; ++column)
        at(row, column) -= factor * at(pivot, column);
    }
  }
}

std::size_t SplineFit::first_column(std::size_t row) const { return std::min(row < 2 ? 0 : row - 2, n_intervals_); }

std::vector<double> SplineFit::coefficients(const JetRows& at_knots) const {
  const std::size_t width = at_knots.width;
  std::vector<double> solution;
  solution.reserve(n_rows() * width);
  const auto add = [&](std::size_t derivative, std::size_t knot) {
    const double* const from = at_knots.row(derivative, knot);
    solution.insert(solution.end(), from, from + width);
  };
  for (std::size_t derivative = 0; derivative < 3; ++derivative) add(derivative, 0);
  for (std::size_t knot = 1; knot < n_intervals_; ++knot) add(0, knot);
  for (std::size_t derivative = 0; derivative < 3; ++derivative) add(derivative, n_intervals_);

  const auto subtract = [&](std::size_t row, double factor, std::size_t other) {
    for (std::size_t k = 0; k < width; ++k) solution[row * width + k] -= factor * solution[other * width + k];
  };
  for (std::size_t row = 0; row < n_rows(); ++row) {
    for (std::size_t below = first_column(row); below < row; ++below) subtract(row, at(row, below), below);
  }
  for (std::size_t row = n_rows(); row-- > 0;) {
    for (std::size_t above = row + 1; above < first_column(row) + kBand; ++above) subtract(row, at(row, above), above);
    for (std::size_t k = 0; k < width; ++k) solution[row * width + k] /= at(row, row);
  }
  return solution;
}

}  // namespace mofkernel::mace
