#include <algorithm>
#include <cmath>

#include "errors.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/radial_basis.hpp"

namespace mofkernel::mace {
namespace {

const Layer& layer_of(const Model& model, int layer) { return model.layers.at(static_cast<std::size_t>(layer)); }

bool block_has_density(const Layer& layer) { return layer.block != Block::agnostic && layer.block != Block::residual; }

/// [n_features][n_functions]: hidden units, constant, density -> weights, density.
PackedMatrix mixing_of(const Layer& layer, std::size_t n_hidden, bool has_bias, bool has_density) {
  const DenseLayer& last = layer.radial.back();
  if (last.weight.shape[0] != n_hidden)
    throw KernelError(
        ErrorCode::unsupported,
        "This MACE model cannot be computed: the radial network of a non-linear block has no hidden layer.");
  const std::size_t n_weights = last.weight.shape[1];
  const std::size_t n_functions = n_weights + (has_density ? 1 : 0);
  const std::size_t n_features = n_hidden + (has_bias ? 1 : 0) + (has_density ? 1 : 0);
  const double factor = has_bias ? 1 : 1 / std::sqrt(static_cast<double>(n_hidden));
  std::vector<double> matrix(n_features * n_functions, 0.0);
  for (std::size_t u = 0; u < n_hidden; ++u) {
    for (std::size_t k = 0; k < n_weights; ++k)
      matrix[u * n_functions + k] = factor * last.weight.values[u * n_weights + k];
  }
  if (has_bias)
    std::copy_n(last.bias.values.begin(), n_weights,
                matrix.begin() + static_cast<std::ptrdiff_t>(n_hidden * n_functions));
  if (has_density) matrix.back() = 1;
  return {n_features, n_functions, matrix};
}

}  // namespace

RadialFunctions::RadialFunctions(const Model& model, int layer)
    : model_(&model),
      layer_(&layer_of(model, layer)),
      has_density_(block_has_density(*layer_)),
      has_bias_(!layer_->radial.back().bias.values.empty()),
      hidden_(layer_->radial, layer_->radial_activation, static_cast<std::size_t>(model.radial.n_basis)),
      density_hidden_(layer_->density, layer_->radial_activation, static_cast<std::size_t>(model.radial.n_basis)),
      mixing_(mixing_of(*layer_, hidden_.width(), has_bias_, has_density_)) {}

JetRows RadialFunctions::edge_features(std::span<const double> r_A, int sender, int receiver) const {
  const RadialBasis& radial = model_->radial;
  const auto radius = [&](int element) {
    const auto z = static_cast<std::size_t>(model_->atomic_numbers.at(static_cast<std::size_t>(element)));
    return radial.transform.kind == TransformKind::none ? 0.0 : radial.transform.covalent_radii.values[z];
  };
  std::vector<Jet> values(static_cast<std::size_t>(radial.n_basis));
  JetRows rows(r_A.size(), values.size());
  for (std::size_t i = 0; i < r_A.size(); ++i) {
    basis_functions(radial, transform(radial.transform, r_A[i], radius(sender), radius(receiver)), values);
    const Jet factor =
        radial.is_cutoff_in_basis ? polynomial_cutoff(r_A[i], model_->r_max_A, radial.cutoff_exponent) : Jet{1, 0, 0};
    for (std::size_t n = 0; n < values.size(); ++n) rows.set(i, n, factor * values[n]);
  }
  return rows;
}

std::vector<double> RadialFunctions::embeddings(int sender, int receiver) const {
  std::vector<double> both;
  if (layer_->block != Block::nonlinear) return both;
  const double factor = 1 / std::sqrt(static_cast<double>(model_->n_elements()));
  const auto add = [&](const Tensor& table, int element) {
    const std::size_t width = table.shape[1];
    for (std::size_t k = 0; k < width; ++k)
      both.push_back(factor * table.values[static_cast<std::size_t>(element) * width + k]);
  };
  add(layer_->source_embedding, sender);
  add(layer_->target_embedding, receiver);
  return both;
}

JetRows RadialFunctions::density_input(const JetRows& basis, std::span<const double> constants) const {
  return layer_->block == Block::nonlinear ? density_hidden_.apply(basis, constants) : basis;
}

/// tanh(x^2), x one more linear combination.
Jet RadialFunctions::density_at(const JetRows& rows, std::size_t i) const {
  const bool is_network = layer_->block == Block::nonlinear;
  const std::vector<double>& weights =
      is_network ? layer_->density.back().weight.values : layer_->density_weight.values;
  const double factor = is_network ? 1 : 1 / std::sqrt(static_cast<double>(weights.size()));
  Jet x{is_network ? layer_->density.back().bias.values[0] : 0.0, 0, 0};
  for (std::size_t k = 0; k < weights.size(); ++k) x = x + factor * weights[k] * rows.get(i, k);
  return hyperbolic_tangent(x * x);
}

JetRows RadialFunctions::features(std::span<const double> r_A, int sender, int receiver) const {
  const RadialBasis& radial = model_->radial;
  const std::vector<double> constants = embeddings(sender, receiver);
  const JetRows basis = edge_features(r_A, sender, receiver);
  const JetRows hidden = hidden_.apply(basis, constants);
  const JetRows density = has_density_ ? density_input(basis, constants) : JetRows(0, 0);
  JetRows rows(r_A.size(), mixing_.n_in());
  for (std::size_t i = 0; i < r_A.size(); ++i) {
    const Jet factor =
        radial.is_cutoff_in_basis ? Jet{1, 0, 0} : polynomial_cutoff(r_A[i], model_->r_max_A, radial.cutoff_exponent);
    for (std::size_t k = 0; k < hidden.width; ++k) rows.set(i, k, factor * hidden.get(i, k));
    if (has_bias_) rows.set(i, hidden.width, factor);
    if (has_density_) rows.set(i, rows.width - 1, factor * density_at(density, i));
  }
  return rows;
}

void RadialFunctions::evaluate(double r_A, int sender, int receiver, double* value, double* first,
                               double* second) const {
  double* const out[] = {value, first, second};
  if (r_A >= model_->r_max_A) {
    for (double* const row : out) std::fill_n(row, mixing_.n_out(), 0.0);
    return;
  }
  const JetRows rows = features(std::span(&r_A, 1), sender, receiver);
  const double* const in[] = {rows.row(0, 0), rows.row(1, 0), rows.row(2, 0)};
  mixing_.multiply(in, out);
}

PairDependence pair_dependence(const Model& model, int layer) {
  if (layer_of(model, layer).block == Block::nonlinear) return PairDependence::ordered;
  return model.radial.transform.kind == TransformKind::none ? PairDependence::none : PairDependence::unordered;
}

}  // namespace mofkernel::mace
