// The radial networks on several distances at once, derivatives carried along. Host only.
#pragma once

#include <span>
#include <vector>

#include "potentials/mace/model.hpp"
#include "potentials/mace/radial_jet.hpp"

namespace mofkernel::mace {

/// A matrix [n_in][n_out] packed for the products of linear_kernels.hpp.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(std::size_t n_in, std::size_t n_out, std::span<const double> values);

  [[nodiscard]] std::size_t n_in() const { return n_in_; }
  [[nodiscard]] std::size_t n_out() const { return n_out_; }
  /// out[i] = in[i] M for rows anywhere in memory.
  void multiply(std::span<const double* const> in, std::span<double* const> out) const;
  /// Values and derivatives of rows: the first `n_planes` of the three, the others zero.
  [[nodiscard]] JetRows multiply(const JetRows& in, std::size_t n_planes = 3) const;

 private:
  std::size_t n_in_ = 0, n_out_ = 0;
  std::vector<double> panels_;
};

/// All layers but the last. Networks without normalisation: y = scale * activation(x W / sqrt(n_in)). Networks with:
/// y = activation(norm(x W + b)), norm(x) = (x - mean) / sqrt(variance + 1e-5) * norm_weight + norm_bias (Ba et al.,
/// arXiv:1607.06450).
class HiddenLayers {
 public:
  HiddenLayers(const std::vector<DenseLayer>& network, const Activation& activation, std::size_t n_variable);

  /// Width of the result.
  [[nodiscard]] std::size_t width() const { return width_; }
  /// `in` [3][n][n_variable]; the inputs behind them are `constants`, the same for all rows.
  [[nodiscard]] JetRows apply(JetRows in, std::span<const double> constants) const;

 private:
  struct Hidden {
    PackedMatrix matrix;           ///< of the inputs that vary
    std::vector<double> constant;  ///< [n_constant][width] for the others
    const DenseLayer* layer;
  };

  [[nodiscard]] std::vector<double> offset(const Hidden& hidden, std::span<const double> constants) const;
  void activate_rows(const Hidden& hidden, JetRows& rows) const;

  Activation activation_;
  std::size_t width_;
  std::vector<Hidden> layers_;
};

}  // namespace mofkernel::mace
