#include "potentials/mace/radial_network.hpp"

#include <cmath>

#include "potentials/mace/activation.hpp"
#include "potentials/mace/linear_kernels.hpp"

namespace mofkernel::mace {
namespace {

constexpr double kNormEpsilon = 1e-5;

bool is_normalised(const DenseLayer& layer) { return !layer.norm_weight.values.empty(); }

/// Layer normalisation of one row, with its derivatives.
void normalise(const DenseLayer& layer, JetRows& rows, std::size_t i) {
  const double share = 1 / static_cast<double>(rows.width);
  Jet mean;
  for (std::size_t k = 0; k < rows.width; ++k) mean = mean + share * rows.get(i, k);
  Jet variance;
  for (std::size_t k = 0; k < rows.width; ++k) {
    const Jet centered = rows.get(i, k) - mean;
    rows.set(i, k, centered);
    variance = variance + share * (centered * centered);
  }
  const Jet scale = power(kNormEpsilon + variance, -0.5);
  for (std::size_t k = 0; k < rows.width; ++k)
    rows.set(i, k, layer.norm_bias.values[k] + layer.norm_weight.values[k] * (rows.get(i, k) * scale));
}

}  // namespace

PackedMatrix::PackedMatrix(std::size_t n_in, std::size_t n_out, std::span<const double> values)
    : n_in_(n_in), n_out_(n_out) {
  constexpr auto kWidth = static_cast<std::size_t>(cpu::kPanelWidth<double>);
  for (std::size_t first = 0; first < n_out; first += kWidth) {
    for (std::size_t row = 0; row < n_in; ++row) {
      for (std::size_t column = first; column < first + kWidth; ++column)
        panels_.push_back(column < n_out ? values[row * n_out + column] : 0.0);
    }
  }
}

void PackedMatrix::multiply(std::span<const double* const> in, std::span<double* const> out) const {
  cpu::choose_linear_kernels().multiply_double({in.data(), out.data(), static_cast<int>(in.size()),
                                                static_cast<int>(n_in_), static_cast<int>(n_out_), panels_.data(),
                                                false});
}

JetRows PackedMatrix::multiply(const JetRows& in, std::size_t n_planes) const {
  JetRows out(in.n_rows, n_out_);
  std::vector<const double*> from;
  std::vector<double*> to;
  for (std::size_t k = 0; k < n_planes * in.n_rows; ++k) {
    from.push_back(in.row(0, k));
    to.push_back(out.row(0, k));
  }
  multiply(from, to);
  return out;
}

HiddenLayers::HiddenLayers(const std::vector<DenseLayer>& network, const Activation& activation, std::size_t n_variable)
    : activation_(activation), width_(n_variable) {
  for (std::size_t i = 0; i + 1 < network.size(); ++i) {
    const DenseLayer& layer = network[i];
    const std::size_t n_in = layer.weight.shape[0];
    const std::size_t n_out = layer.weight.shape[1];
    std::vector<double> weights = layer.weight.values;
    const double factor = is_normalised(layer) ? 1 : 1 / std::sqrt(static_cast<double>(n_in));
    for (double& w : weights) w *= factor;
    const std::span<const double> all(weights);
    const std::span<const double> constant = all.subspan(width_ * n_out);
    layers_.push_back({PackedMatrix(width_, n_out, all.first(width_ * n_out)),
                       std::vector<double>(constant.begin(), constant.end()), &layer});
    width_ = n_out;
  }
}

std::vector<double> HiddenLayers::offset(const Hidden& hidden, std::span<const double> constants) const {
  const std::size_t width = hidden.matrix.n_out();
  std::vector<double> sums = hidden.layer->bias.values;
  sums.resize(width, 0.0);
  for (std::size_t u = 0; u * width < hidden.constant.size(); ++u) {
    for (std::size_t k = 0; k < width; ++k) sums[k] += constants[u] * hidden.constant[u * width + k];
  }
  return sums;
}

void HiddenLayers::activate_rows(const Hidden& hidden, JetRows& rows) const {
  for (std::size_t i = 0; i < rows.n_rows; ++i) {
    if (is_normalised(*hidden.layer)) normalise(*hidden.layer, rows, i);
    for (std::size_t k = 0; k < rows.width; ++k) {
      const Jet x = rows.get(i, k);
      const auto f = cpu::mace::activate(activation_.name, x.v);
      rows.set(i, k, activation_.scale * compose(x, f.value, f.first, f.second));
    }
  }
}

JetRows HiddenLayers::apply(JetRows in, std::span<const double> constants) const {
  JetRows rows = std::move(in);
  for (const Hidden& hidden : layers_) {
    rows = hidden.matrix.multiply(rows);
    const std::vector<double> shift = offset(hidden, constants);
    for (std::size_t i = 0; i < rows.n_rows; ++i) {
      for (std::size_t k = 0; k < rows.width; ++k) rows.row(0, i)[k] += shift[k];
    }
    activate_rows(hidden, rows);
  }
  return rows;
}

}  // namespace mofkernel::mace
