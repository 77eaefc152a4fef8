// Radial functions of one layer: exact, and tabulated. Host only. How to interpolate in a table: radial_spline.hpp.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "potentials/mace/model.hpp"
#include "potentials/mace/radial_network.hpp"
#include "potentials/mace/radial_spline.hpp"

namespace mofkernel::mace {

/// The radial functions of one layer for one ordered pair of elements (sender, receiver), by indices of the model: the
/// weights of the convolution, [n_paths][C_e] with sqrt(2 l3 + 1) NOT included, then the edge density when the block
/// has one; each with the polynomial cutoff as the model has it.
///
/// All of them are linear combinations of a few "features": the last hidden units of the network, a constant for its
/// bias, and the density. Batatia et al., NeurIPS 35, 11423 (2022), eq. 9; the density as in mace-torch.
class RadialFunctions {
 public:
  /// `model` outlives this. Throws KernelError(unsupported) for a non-linear block whose network has no hidden layer.
  RadialFunctions(const Model& model, int layer);

  [[nodiscard]] int n_functions() const { return static_cast<int>(mixing_.n_out()); }  ///< n_paths C_e + has_density()
  [[nodiscard]] bool has_density() const { return has_density_; }
  [[nodiscard]] double r_max_A() const { return model_->r_max_A; }
  /// Values with first and second derivative by r (1/A, 1/A^2), each [n_functions]. Zero from r_max on.
  void evaluate(double r_A, int sender, int receiver, double* value, double* first, double* second) const;

  /// [3][n][n_features] at several distances; at r_max and behind as if there were no end to the cutoff's polynomial.
  [[nodiscard]] JetRows features(std::span<const double> r_A, int sender, int receiver) const;
  /// [n_features][n_functions]
  [[nodiscard]] const PackedMatrix& mixing() const { return mixing_; }

 private:
  [[nodiscard]] JetRows edge_features(std::span<const double> r_A, int sender, int receiver) const;
  [[nodiscard]] std::vector<double> embeddings(int sender, int receiver) const;
  [[nodiscard]] Jet density_at(const JetRows& rows, std::size_t i) const;
  [[nodiscard]] JetRows density_input(const JetRows& basis, std::span<const double> constants) const;

  const Model* model_;
  const Layer* layer_;
  bool has_density_, has_bias_;
  HiddenLayers hidden_;
  HiddenLayers density_hidden_;  ///< without layers but in the non-linear block
  PackedMatrix mixing_;
};

/// How the functions depend on the elements.
enum class PairDependence { none, unordered, ordered };
PairDependence pair_dependence(const Model& model, int layer);

/// Splines of degree five in the place among the knots (radial_grid.hpp), which lie between first_knot_A and r_max.
struct RadialTable {
  double first_knot_A = 0;
  double stretch_A = 1;
  double knots_per_log = 1;
  int n_knots = 0;
  int n_functions = 0;
  /// [n_pairs][n_rows()][n_functions]: coefficients of the splines
  std::vector<double> values;
  /// Largest deviation from the exact functions and from their derivatives seen at random distances, relative to the
  /// largest value (derivative) of any function of the pair beyond 0.5 A. A hundredth of it counts below.
  double largest_error = 0, largest_derivative_error = 0;

  /// Of one pair. A distance between knots k and k + 1 reads the rows k … k + kSplineDegree.
  [[nodiscard]] int n_rows() const { return n_knots + kSplineDegree - 1; }
};

/// Atoms closer than this have no energy: the result is not finite. The functions themselves are smooth down to it.
inline constexpr double kFirstKnot_A = 0.1;

/// Tables of the given ordered pairs (one of each unordered pair where that is enough, one pair alone where none is
/// needed), as fine as both errors need to be below `tolerance`, or of kMostKnots. By all threads that the system
/// offers unless told otherwise; same bits for any number of them. How many knots that takes: docs/mace-radial.md.
/// Throws KernelError(unsupported) for functions that are not finite.
RadialTable tabulate(const RadialFunctions& functions, std::span<const std::array<int, 2>> pairs, double tolerance,
                     std::optional<int> n_threads = std::nullopt);

inline constexpr int kMostKnots = 4096;

}  // namespace mofkernel::mace
