#include <algorithm>

#include "potentials/mace/layer.hpp"
#include "potentials/mace/layer_passes.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

std::size_t elements_of(int n_atoms, int n_rows, int n_channels) {
  return static_cast<std::size_t>(n_atoms) * static_cast<std::size_t>(n_rows) * static_cast<std::size_t>(n_channels);
}

template <class T>
std::size_t edge_feature_size(const PreparedLayer<T>& layer, int n_atoms) {
  return layer.is_first ? 0 : elements_of(n_atoms, layer.shape.n_edge_rows(), layer.shape.n_edge_channels);
}

template <class T>
std::size_t gate_size(const PreparedLayer<T>& layer, int n_atoms) {
  return layer.gate ? elements_of(n_atoms, layer.shape.n_gate_rows(), layer.shape.n_message_channels) : 0;
}

/// x^l = A^l W^l / D; the average number of neighbors and the element's skip are in W where the block has them.
template <class T>
void message_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine, const T* a) {
  const LayerShape& shape = layer.shape;
  LinearPasses<T> passes;
  for (int l = 0; l <= shape.l_max; ++l) {
    passes.add(layer.linear[static_cast<std::size_t>(l)], path_rows_of(a, l, shape),
               rows_of(mine.x.data(), l, shape.n_message_rows(), shape.n_message_channels), false);
  }
  passes.apply(*scene.atoms);
  if (layer.has_density) {
    divide_by_density(*scene.context, scene.atoms->n_atoms, shape.n_message_rows() * shape.n_message_channels,
                      layer.density_offset, layer.density_factor, mine.density.data(), mine.x.data());
  }
}

/// h^L = B^L W^L, and the residual from the layer's input.
template <class T>
void product_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, const T* input, LayerBuffers<T>& mine,
                     const T* b) {
  const LayerShape& shape = layer.shape;
  const int n_rows = shape.n_output_rows();
  LinearPasses<T> products;
  for (int l = 0; l <= shape.output_l_max; ++l) {
    products.add(layer.product[static_cast<std::size_t>(l)], rows_of(b, l, n_rows, shape.n_message_channels),
                 rows_of(mine.h.data(), l, n_rows, shape.n_output_channels), false);
  }
  products.apply(*scene.atoms);
  if (layer.is_first && layer.first_residual.size() > 0) {
    add_rows_of_elements(*scene.context, scene.atoms->n_atoms, scene.atoms->group_of_atom.data(),
                         shape.n_output_channels, static_cast<std::int64_t>(n_rows) * shape.n_output_channels,
                         layer.first_residual.data(), mine.h.data());
  }
  LinearPasses<T> residuals;
  for (int l = 0; l < static_cast<int>(layer.skip.size()); ++l) {
    const Linear<T>& skip = layer.skip[static_cast<std::size_t>(l)];
    residuals.add(skip, rows_of(input, l, layer.n_input_rows, skip.n_in()),
                  rows_of(mine.h.data(), l, n_rows, shape.n_output_channels), true);
  }
  residuals.apply(*scene.atoms);
}

}  // namespace

template <class T>
LayerBuffers<T>::LayerBuffers(const Context& context, const PreparedLayer<T>& layer, int n_atoms)
    : u(context, edge_feature_size(layer, n_atoms)),
      density(context, layer.has_density ? static_cast<std::size_t>(n_atoms) : 0),
      q(context, gate_size(layer, n_atoms)),
      q_edges(context, gate_size(layer, n_atoms)),
      x(context, elements_of(n_atoms, layer.shape.n_message_rows(), layer.shape.n_message_channels)),
      h(context, elements_of(n_atoms, layer.shape.n_output_rows(), layer.shape.n_output_channels)) {}

template <class T>
Scratch<T>::Scratch(const Context& context, const std::deque<PreparedLayer<T>>& layers, int n_atoms)
    : a(context), b(context), message(context), grad_u(context), grad_density(context) {
  const auto largest = [&](auto size_of) {
    std::size_t size = 0;
    for (const PreparedLayer<T>& layer : layers) size = std::max<std::size_t>(size, size_of(layer));
    return size;
  };
  a.resize(largest([&](const auto& layer) {
    return elements_of(n_atoms, layer.shape.n_convolution_rows, layer.shape.n_edge_channels);
  }));
  b.resize(largest([&](const auto& layer) {
    return elements_of(n_atoms, layer.shape.n_output_rows(), layer.shape.n_message_channels);
  }));
  message.resize(largest([&](const auto& layer) {
    return elements_of(n_atoms, layer.shape.n_message_rows(), layer.shape.n_message_channels);
  }));
  grad_u.resize(largest([&](const auto& layer) { return edge_feature_size(layer, n_atoms); }));
  grad_density.resize(largest([&](const auto& layer) { return layer.has_density ? n_atoms : 0; }));
}

template <class T>
void layer_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, const T* input, LayerBuffers<T>& mine,
                   Scratch<T>& scratch) {
  const LayerShape& shape = layer.shape;
  LinearPasses<T> ups;
  for (int l = 0; l < static_cast<int>(layer.linear_up.size()); ++l) {
    const Linear<T>& up = layer.linear_up[static_cast<std::size_t>(l)];
    ups.add(up, rows_of(input, l, layer.n_input_rows, up.n_in()),
            rows_of(mine.u.data(), l, shape.n_edge_rows(), shape.n_edge_channels), false);
  }
  ups.apply(*scene.atoms);
  layer.convolution.value(scene.edges, scene.atoms->n_atoms, scene.element_of_atom, layer.senders(mine.u.data()),
                          layer.sender_rows(scene.atoms->group_of_atom.data(), scene.atom_itself), scratch.a.data(),
                          layer.has_density ? mine.density.data() : nullptr);
  if (layer.gate) {
    gate_forward(scene, layer, mine, scratch);
  } else {
    message_forward(scene, layer, mine, static_cast<const T*>(scratch.a.data()));
  }
  layer.contraction.value(*scene.atoms, mine.x.data(), scratch.b.data());
  product_forward(scene, layer, input, mine, static_cast<const T*>(scratch.b.data()));
}

template struct LayerBuffers<float>;
template struct LayerBuffers<double>;
template struct Scratch<float>;
template struct Scratch<double>;
template void layer_forward(const Scene<float>&, const PreparedLayer<float>&, const float*, LayerBuffers<float>&,
                            Scratch<float>&);
template void layer_forward(const Scene<double>&, const PreparedLayer<double>&, const double*, LayerBuffers<double>&,
                            Scratch<double>&);

}  // namespace mofkernel::MOFK_NS::mace
