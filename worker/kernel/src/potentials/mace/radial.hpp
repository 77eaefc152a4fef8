// Radial functions of one layer: exact, and tabulated. Host only.
#pragma once

#include <span>
#include <vector>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// The radial functions of one layer for one ordered pair of elements (sender, receiver), by indices of the model: the
/// weights of the convolution, [n_paths][C_e] with sqrt(2 l3 + 1) NOT included, then the edge density when the block
/// has one; each with the polynomial cutoff as the model has it. Zero from r_max on.
class RadialFunctions {
 public:
  RadialFunctions(const Model& model, int layer);

  [[nodiscard]] int n_functions() const;  ///< n_paths * C_e + (has_density ? 1 : 0)
  [[nodiscard]] bool has_density() const;
  /// Values with first and second derivative by r (1/A, 1/A^2), each [n_functions].
  void evaluate(double r_A, int sender, int receiver, double* value, double* first, double* second) const;

 private:
  const Model* model_;
  const Layer* layer_;
};

/// How the functions depend on the elements.
enum class PairDependence { none, unordered, ordered };
PairDependence pair_dependence(const Model& model, int layer);

/// Hermite data on a uniform grid of r: at every knot the value and its first (and for quintic interpolation second)
/// derivative times the spacing (squared), so that an interval needs no division.
struct RadialTable {
  double first_knot_A = 0;
  double spacing_A = 0;
  int n_knots = 0;
  int n_derivatives = 1;  ///< 1: cubic, 2: quintic
  int n_functions = 0;
  /// [n_pairs][n_knots][1 + n_derivatives][n_functions]
  std::vector<double> values;
  /// Largest deviation from the exact functions and their derivatives, measured between the knots, relative to the
  /// largest value of each function's pair.
  double largest_error = 0, largest_derivative_error = 0;
};

/// Tables of the given ordered pairs (one of each unordered pair where that is enough, one pair alone where none is
/// needed), refined until both errors are below `tolerance` or the knots reach a limit.
RadialTable tabulate(const RadialFunctions& functions, std::span<const std::array<int, 2>> pairs, int n_derivatives,
                     double tolerance);

}  // namespace mofkernel::mace
