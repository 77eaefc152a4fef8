#include "potentials/mace/prepared.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "errors.hpp"
#include "potentials/mace/radial.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

using mofkernel::mace::LayerWeights;
using mofkernel::mace::Matrices;
using mofkernel::mace::Model;
using mofkernel::mace::PairDependence;

template <class T>
Buffer<T> to_device(const Context& context, const std::vector<double>& values) {
  const std::vector<T> converted(values.begin(), values.end());
  return Buffer<T>(context, std::span<const T>(converted));
}

template <class T>
Linear<T> to_device(const Context& context, const Matrices& matrices) {
  return Linear<T>(context, matrices.n_matrices, matrices.n_in, matrices.n_out, matrices.values);
}

template <class T>
std::vector<Linear<T>> to_device(const Context& context, const std::vector<Matrices>& all) {
  std::vector<Linear<T>> linears;
  linears.reserve(all.size());
  for (const Matrices& matrices : all) linears.push_back(to_device<T>(context, matrices));
  return linears;
}

/// The pairs of elements that need a table of their own, and the table of every pair.
struct PairTables {
  std::vector<std::array<int, 2>> pairs;
  std::vector<int> of_pair;  ///< [Nz * Nz] by sender * Nz + receiver, -1: not needed

  PairTables(const Model& model, int layer, std::span<const int> elements)
      : of_pair(static_cast<std::size_t>(model.n_elements()) * static_cast<std::size_t>(model.n_elements()), -1) {
    const PairDependence dependence = mofkernel::mace::pair_dependence(model, layer);
    for (const int sender : elements) {
      for (const int receiver : elements) {
        int& mine = of_pair[static_cast<std::size_t>(sender * model.n_elements() + receiver)];
        const int mirrored = of_pair[static_cast<std::size_t>(receiver * model.n_elements() + sender)];
        if (dependence == PairDependence::unordered) mine = mirrored;
        if (dependence == PairDependence::none && !pairs.empty()) mine = 0;
        if (mine >= 0) continue;
        mine = static_cast<int>(pairs.size());
        pairs.push_back({sender, receiver});
      }
    }
  }
};

/// What a table may be wrong by, relative to the largest value of a function: for double well below what the
/// comparisons with mace-torch ask for, for float what rounding does to the sums of an atom.
template <class T>
constexpr double kTolerance = sizeof(T) == sizeof(double) ? 1e-10 : 2e-6;

/// Beyond it forces would be off by meV/A, and not by rounding.
constexpr double kWorstTableError = 1e-4;

/// Tables that no number of knots makes good are not used in silence. Throws KernelError(unsupported).
void check_table(const mofkernel::mace::RadialTable& table, int layer) {
  const double error = std::max(table.largest_error, table.largest_derivative_error);
  if (error <= kWorstTableError) return;
  throw KernelError(ErrorCode::unsupported,
                    "the radial functions of layer " + std::to_string(layer) +
                        " of this model vary so quickly that a table of " + std::to_string(table.n_knots) +
                        " knots is wrong by " + std::to_string(error) +
                        " of their largest value; its weights are damaged or were not trained to the end");
}

template <class T>
Convolution<T> make_convolution(const Context& context, const Model& model, int index, std::span<const int> elements) {
  const PairTables tables(model, index, elements);
  const mofkernel::mace::RadialFunctions functions(model, index);
  const mofkernel::mace::RadialTable table = mofkernel::mace::tabulate(functions, tables.pairs, kTolerance<T>);
  check_table(table, index);
  return Convolution<T>(context, model.layers[static_cast<std::size_t>(index)], model.l_max, table, tables.of_pair,
                        model.n_elements());
}

}  // namespace

LayerShape::LayerShape(const mofkernel::mace::Layer& layer, int l_max_of_model)
    : edge_l_max(layer.edge_l_max),
      n_edge_channels(layer.n_edge_channels),
      l_max(l_max_of_model),
      n_message_channels(layer.n_message_channels),
      output_l_max(layer.product.output_l_max),
      n_output_channels(layer.product.n_output_channels),
      n_convolution_rows(0),
      n_paths_into(static_cast<std::size_t>(l_max_of_model + 1)) {
  for (const mofkernel::mace::Path& path : layer.paths) {
    ++n_paths_into[static_cast<std::size_t>(path.l3)];
    n_convolution_rows += 2 * path.l3 + 1;
  }
}

template <class T>
PreparedGate<T>::PreparedGate(const Context& context, const mofkernel::mace::Layer& layer, const LayerWeights& weights)
    : first_residual(to_device<T>(context, weights.first_gate_residual.values)),
      residual(to_device<T>(context, weights.gate_residual)),
      after(to_device<T>(context, weights.after_gate)),
      scalars(layer.gate_scalars),
      gates(layer.gate_gates) {}

template <class T>
PreparedLayer<T>::PreparedLayer(const Context& context, const Model& model, int index, const LayerWeights& weights,
                                const AtomGroups& atoms)
    : shape(model.layers[static_cast<std::size_t>(index)], model.l_max),
      is_first(index == 0),
      n_input_rows((model.layers[static_cast<std::size_t>(index)].input_l_max + 1) *
                   (model.layers[static_cast<std::size_t>(index)].input_l_max + 1)),
      first_features(to_device<T>(context, weights.first_features.values)),
      first_residual(to_device<T>(context, weights.first_residual.values)),
      linear_up(to_device<T>(context, weights.linear_up)),
      skip(to_device<T>(context, weights.skip)),
      convolution(make_convolution<T>(context, model, index, atoms.elements)),
      linear(to_device<T>(context, weights.linear)),
      has_density(weights.has_density),
      density_offset(static_cast<T>(weights.density_offset)),
      density_factor(static_cast<T>(weights.density_factor)),
      contraction(context, model.layers[static_cast<std::size_t>(index)].product, model.l_max, shape.n_message_channels,
                  atoms),
      product(to_device<T>(context, weights.product)) {
  const mofkernel::mace::Layer& layer = model.layers[static_cast<std::size_t>(index)];
  if (layer.block == mofkernel::mace::Block::nonlinear)
    gate = std::make_unique<PreparedGate<T>>(context, layer, weights);
}

template <class T>
PreparedReadout<T>::PreparedReadout(const Context& context, const mofkernel::mace::ReadoutWeights& weights)
    : kind(weights.kind),
      layer(weights.layer),
      activation(weights.activation),
      n_hidden(weights.first.n_out),
      first(to_device<T>(context, weights.first)),
      first_weights(to_device<T>(context, weights.first.values)),
      middle(to_device<T>(context, weights.middle.values)),
      bias_mid(to_device<T>(context, weights.bias_mid)),
      last(to_device<T>(context, weights.last)),
      bias_last(weights.bias_last) {}

template <class T>
PreparedModel<T>::PreparedModel(const Context& context, std::shared_ptr<const Model> of, int of_head,
                                std::span<const int> of_elements)
    : model(std::move(of)),
      head(of_head),
      elements(of_elements.begin(), of_elements.end()),
      atomic_energies(context),
      bytes(context.allocated_bytes()) {
  const mofkernel::mace::ModelWeights weights = mofkernel::mace::fold_weights(*model, head, elements);
  const AtomGroups one_of_each(context, elements);
  for (std::size_t t = 0; t < model->layers.size(); ++t)
    layers.emplace_back(context, *model, static_cast<int>(t), weights.layers[t], one_of_each);
  readouts.reserve(weights.readouts.size());
  for (const mofkernel::mace::ReadoutWeights& readout : weights.readouts) readouts.emplace_back(context, readout);
  atomic_energies.upload(weights.atomic_energies);
  scale = weights.scale;
  shift = weights.shift;
  bytes = context.allocated_bytes() - bytes;
}

AtomGroups group_atoms(const Context& context, std::span<const int> element_of_atom, std::span<const int> elements) {
  AtomGroups atoms(context, element_of_atom);
  if (std::ranges::equal(atoms.elements, elements)) return atoms;
  std::vector<int> group_start;
  std::vector<int> group_of(atoms.elements.size());
  std::size_t next = 0;
  for (std::size_t g = 0; g < elements.size(); ++g) {
    group_start.push_back(atoms.group_start[next]);
    if (next < atoms.elements.size() && atoms.elements[next] == elements[g]) group_of[next++] = static_cast<int>(g);
  }
  group_start.push_back(atoms.n_atoms);
  std::vector<int> group_of_atom = atoms.group_of_atom.to_host();
  for (int& group : group_of_atom) group = group_of[static_cast<std::size_t>(group)];
  atoms.elements.assign(elements.begin(), elements.end());
  atoms.group_start = std::move(group_start);
  atoms.group_of_atom.upload(group_of_atom);
  atoms.starts.upload(atoms.group_start);
  return atoms;
}

template struct PreparedModel<float>;
template struct PreparedModel<double>;

}  // namespace mofkernel::MOFK_NS::mace
