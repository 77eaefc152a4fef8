#include "potentials/mace/prepared_weights.hpp"

#include <algorithm>
#include <cmath>

namespace mofkernel::mace {
namespace {

int rows_of(const Tensor& tensor) { return static_cast<int>(tensor.shape.front()); }
int columns_of(const Tensor& tensor) { return static_cast<int>(tensor.shape.back()); }

Matrices scaled(const Tensor& tensor, double factor) {
  Matrices result{.n_matrices = 1, .n_in = rows_of(tensor), .n_out = columns_of(tensor), .values = tensor.values};
  for (double& value : result.values) value *= factor;
  return result;
}

/// e3nn divides a linear map by the square root of its fan-in.
Matrices by_fan_in(const Tensor& tensor, double factor = 1) {
  return scaled(tensor, factor / std::sqrt(static_cast<double>(rows_of(tensor))));
}

std::vector<Matrices> by_fan_in(const std::vector<Tensor>& tensors, double factor = 1) {
  std::vector<Matrices> result;
  for (const Tensor& tensor : tensors) result.push_back(by_fan_in(tensor, factor));
  return result;
}

/// rows [n][n_in] times the matrix: [n][n_out].
Rows times(const Rows& rows, const Matrices& matrix) {
  const std::size_t n_in = static_cast<std::size_t>(matrix.n_in);
  const std::size_t n_out = static_cast<std::size_t>(matrix.n_out);
  const std::size_t n = rows.values.size() / n_in;
  const bool is_by_row = matrix.n_matrices > 1;
  Rows result{matrix.n_out, std::vector<double>(n * n_out)};
  for (std::size_t i = 0; i < n; ++i) {
    const double* const weights = matrix.values.data() + (is_by_row ? i * n_in * n_out : 0);
    for (std::size_t u = 0; u < n_in; ++u)
      for (std::size_t w = 0; w < n_out; ++w)
        result.values[i * n_out + w] += rows.values[i * n_in + u] * weights[u * n_out + w];
  }
  return result;
}

/// [C_in][Nz][C_out] -> one matrix for each element, divided by the square root of C_in * Nz.
Matrices by_element(const Tensor& tensor, std::span<const int> elements) {
  const std::size_t n_in = tensor.shape[0];
  const std::size_t n_z = tensor.shape[1];
  const std::size_t n_out = tensor.shape[2];
  const double factor = 1 / std::sqrt(static_cast<double>(n_in * n_z));
  Matrices result{static_cast<int>(elements.size()), static_cast<int>(n_in), static_cast<int>(n_out), {}};
  result.values.reserve(elements.size() * n_in * n_out);
  for (const int element : elements)
    for (std::size_t u = 0; u < n_in; ++u)
      for (std::size_t w = 0; w < n_out; ++w)
        result.values.push_back(factor * tensor.values[(u * n_z + static_cast<std::size_t>(element)) * n_out + w]);
  return result;
}

/// first, then the matrix of each element: one product for each element.
Matrices chained(const Matrices& first, const Matrices& second) {
  Matrices result{second.n_matrices, first.n_in, second.n_out, {}};
  const std::size_t size = static_cast<std::size_t>(second.n_in) * static_cast<std::size_t>(second.n_out);
  for (std::size_t m = 0; m < static_cast<std::size_t>(second.n_matrices); ++m) {
    const auto begin = second.values.begin() + static_cast<std::ptrdiff_t>(m * size);
    const Matrices one{1, second.n_in, second.n_out, {begin, begin + static_cast<std::ptrdiff_t>(size)}};
    const Rows product = times({first.n_in, first.values}, one);
    result.values.insert(result.values.end(), product.values.begin(), product.values.end());
  }
  return result;
}

/// h of the first layer: [n_elements][C].
Rows embed(const Model& model, std::span<const int> elements) {
  Rows rows{model.n_channels, {}};
  const auto n_channels = static_cast<std::size_t>(model.n_channels);
  for (const int element : elements) {
    const double* const row = model.node_embedding.values.data() + static_cast<std::size_t>(element) * n_channels;
    for (std::size_t k = 0; k < n_channels; ++k) rows.values.push_back(row[k] / std::sqrt(model.n_elements()));
  }
  return rows;
}

bool has_density(Block block) {
  return block == Block::density || block == Block::density_residual || block == Block::nonlinear;
}

std::vector<Matrices> fold_linear(const Layer& layer, std::span<const int> elements) {
  std::vector<Matrices> linear =
      by_fan_in(layer.linear, has_density(layer.block) ? 1.0 : 1.0 / layer.avg_num_neighbors);
  if (layer.block != Block::agnostic && layer.block != Block::density) return linear;
  for (std::size_t l = 0; l < linear.size(); ++l) linear[l] = chained(linear[l], by_element(layer.skip[l], elements));
  return linear;
}

/// From a block's input to its residual; empty when there is none.
std::vector<Matrices> fold_skip(const Layer& layer, std::span<const int> elements) {
  if (!layer.product.has_residual) return {};
  if (layer.block == Block::nonlinear) return by_fan_in(layer.skip);
  std::vector<Matrices> skip;
  for (const Tensor& tensor : layer.skip) skip.push_back(by_element(tensor, elements));
  return skip;
}

void fold_input(LayerWeights& weights, const Layer& layer, const Rows* first_input, std::span<const int> elements) {
  weights.linear_up = by_fan_in(layer.linear_up);
  weights.skip = fold_skip(layer, elements);
  weights.gate_residual = by_fan_in(layer.linear_res);
  if (first_input == nullptr) return;
  weights.first_features = times(*first_input, weights.linear_up.front());
  if (!weights.skip.empty()) weights.first_residual = times(*first_input, weights.skip.front());
  if (layer.block == Block::nonlinear)
    weights.first_gate_residual = times(weights.first_features, weights.gate_residual.front());
  weights.linear_up.clear();
  weights.skip.clear();
  weights.gate_residual.clear();
}

LayerWeights fold_layer(const Layer& layer, const Rows* first_input, std::span<const int> elements) {
  LayerWeights weights;
  fold_input(weights, layer, first_input, elements);
  weights.linear = fold_linear(layer, elements);
  weights.has_density = has_density(layer.block);
  if (layer.block == Block::nonlinear) {
    weights.density_offset = layer.alpha.values.front();
    weights.density_factor = layer.beta.values.front();
    weights.after_gate = by_fan_in(layer.linear_2);
  }
  weights.product = by_fan_in(layer.product.linear);
  return weights;
}

/// Rows [first_row, + n_rows) and columns [first_column, + n_columns), times `factor`.
Matrices block_of(const Tensor& tensor, int first_row, int n_rows, int first_column, int n_columns, double factor) {
  Matrices result{1, n_rows, n_columns, {}};
  for (int row = first_row; row < first_row + n_rows; ++row)
    for (int column = first_column; column < first_column + n_columns; ++column)
      result.values.push_back(factor * tensor.values[static_cast<std::size_t>(row * columns_of(tensor) + column)]);
  return result;
}

ReadoutWeights fold_readout(const Readout& readout, int head, int n_heads, double scale) {
  ReadoutWeights weights;
  weights.kind = readout.kind;
  weights.layer = readout.layer;
  weights.activation = readout.activation;
  if (readout.kind == ReadoutKind::linear) {
    const int n_in = rows_of(readout.linear);
    weights.first = block_of(readout.linear, 0, n_in, head, 1, scale / std::sqrt(n_in));
    return weights;
  }
  // The units of the other heads are masked, yet count as fan-in.
  const int n = readout.n_hidden / n_heads;
  const int first = head * n;
  const int n_in = rows_of(readout.linear_1);
  const double by_hidden = 1 / std::sqrt(readout.n_hidden);
  weights.first = block_of(readout.linear_1, 0, n_in, first, n, 1 / std::sqrt(n_in));
  weights.last = block_of(readout.linear_2, first, n, head, 1, scale * by_hidden).values;
  if (readout.kind == ReadoutKind::nonlinear_bias) {
    weights.middle = block_of(readout.linear_mid, first, n, first, n, by_hidden);
    const auto begin = readout.bias_mid.values.begin() + first;
    weights.bias_mid.assign(begin, begin + n);
    weights.bias_last = scale * readout.bias_2.values[static_cast<std::size_t>(head)];
  }
  return weights;
}

}  // namespace

ModelWeights fold_weights(const Model& model, int head, std::span<const int> elements) {
  ModelWeights weights;
  const auto h = static_cast<std::size_t>(head);
  weights.scale = model.scale.values[h];
  weights.shift = model.shift.values[h];
  const Rows input = embed(model, elements);
  for (const Layer& layer : model.layers)
    weights.layers.push_back(fold_layer(layer, weights.layers.empty() ? &input : nullptr, elements));
  for (const Readout& readout : model.readouts)
    weights.readouts.push_back(fold_readout(readout, head, static_cast<int>(model.heads.size()), weights.scale));
  for (const int element : elements)
    weights.atomic_energies.push_back(model.atomic_energies.values[h * static_cast<std::size_t>(model.n_elements()) +
                                                                   static_cast<std::size_t>(element)]);
  return weights;
}

}  // namespace mofkernel::mace
