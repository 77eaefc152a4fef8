// The coefficients of splines that meet functions at the knots. Host only.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "potentials/mace/radial_jet.hpp"
#include "potentials/mace/radial_spline.hpp"

namespace mofkernel::mace {

/// Splines of degree five over `n_intervals` of length one that have the values of functions at all knots, and their
/// first and second derivatives at both ends. de Boor, A Practical Guide to Splines (Springer, 2001), chapter XIII.
class SplineFit {
 public:
  explicit SplineFit(std::size_t n_intervals);

  /// Rows of coefficients; those of interval k are k … k + kSplineDegree.
  [[nodiscard]] std::size_t n_rows() const { return equations_.size(); }
  /// [n_rows][width] from the functions at the knots, with derivatives by the place: [3][n_intervals + 1][width].
  [[nodiscard]] std::vector<double> coefficients(const JetRows& at_knots) const;

 private:
  static constexpr std::size_t kBand = kSplineDegree;
  using Equation = std::array<double, kBand>;

  [[nodiscard]] std::size_t first_column(std::size_t row) const;
  double& at(std::size_t row, std::size_t column) { return equations_[row][column - first_column(row)]; }
  [[nodiscard]] double at(std::size_t row, std::size_t column) const {
    return equations_[row][column - first_column(row)];
  }

  std::size_t n_intervals_;
  std::vector<Equation> equations_;  // decomposed: below the diagonal the lower factor, from it on the upper one
};

}  // namespace mofkernel::mace
