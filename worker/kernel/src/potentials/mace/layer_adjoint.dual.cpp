#include "potentials/mace/layer.hpp"
#include "potentials/mace/layer_passes.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

/// grad_B^L = grad_h^L W^L^T, and through the residual to the layer's input.
template <class T>
void product_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, const T* grad_h, T* grad_input, T* grad_b) {
  const LayerShape& shape = layer.shape;
  const int n_rows = shape.n_output_rows();
  LinearPasses<T> passes;
  for (int l = 0; l <= shape.output_l_max; ++l) {
    passes.add(layer.product[static_cast<std::size_t>(l)], rows_of(grad_h, l, n_rows, shape.n_output_channels),
               rows_of(grad_b, l, n_rows, shape.n_message_channels), false);
  }
  for (int l = 0; l < static_cast<int>(layer.skip.size()); ++l) {
    const Linear<T>& skip = layer.skip[static_cast<std::size_t>(l)];
    passes.add(skip, rows_of(grad_h, l, n_rows, shape.n_output_channels),
               rows_of(grad_input, l, layer.n_input_rows, skip.n_in()), true);
  }
  passes.apply_transposed(*scene.atoms);
}

/// grad_A^l = (grad_x^l / D) W^l^T, and grad_density; grad_x in scratch.message.
template <class T>
void message_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, const LayerBuffers<T>& mine,
                     Scratch<T>& scratch) {
  const LayerShape& shape = layer.shape;
  T* const grad_x = scratch.message.data();
  if (layer.has_density) {
    divide_by_density_adjoint(*scene.context, scene.atoms->n_atoms, shape.n_message_rows() * shape.n_message_channels,
                              layer.density_offset, layer.density_factor, mine.density.data(), mine.x.data(), grad_x,
                              scratch.grad_density.data());
  }
  LinearPasses<T> passes;
  for (int l = 0; l <= shape.l_max; ++l) {
    passes.add(layer.linear[static_cast<std::size_t>(l)],
               rows_of<const T>(grad_x, l, shape.n_message_rows(), shape.n_message_channels),
               path_rows_of(scratch.a.data(), l, shape), false);
  }
  passes.apply_transposed(*scene.atoms);
}

}  // namespace

template <class T>
void layer_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, T* grad_input, LayerBuffers<T>& mine,
                   Scratch<T>& scratch) {
  const LayerShape& shape = layer.shape;
  product_adjoint(scene, layer, static_cast<const T*>(mine.h.data()), grad_input, scratch.b.data());
  layer.contraction.adjoint(*scene.atoms, mine.x.data(), scratch.b.data(), scratch.message.data());
  if (!layer.is_first) scratch.grad_u.fill_zero();
  if (layer.gate) {
    gate_adjoint(scene, layer, mine, scratch);
  } else {
    message_adjoint(scene, layer, mine, scratch);
  }
  layer.convolution.adjoint(scene.edges, scene.atoms->n_atoms, scene.element_of_atom, layer.senders(mine.u.data()),
                            layer.sender_rows(scene.atoms->group_of_atom.data(), scene.atom_itself), scratch.a.data(),
                            layer.has_density ? scratch.grad_density.data() : nullptr,
                            layer.is_first ? nullptr : scratch.grad_u.data(), scene.edge_gradients);
  LinearPasses<T> ups;
  for (int l = 0; l < static_cast<int>(layer.linear_up.size()); ++l) {
    const Linear<T>& up = layer.linear_up[static_cast<std::size_t>(l)];
    ups.add(up, rows_of<const T>(scratch.grad_u.data(), l, shape.n_edge_rows(), shape.n_edge_channels),
            rows_of(grad_input, l, layer.n_input_rows, up.n_in()), true);
  }
  ups.apply_transposed(*scene.atoms);
}

template void layer_adjoint(const Scene<float>&, const PreparedLayer<float>&, float*, LayerBuffers<float>&,
                            Scratch<float>&);
template void layer_adjoint(const Scene<double>&, const PreparedLayer<double>&, double*, LayerBuffers<double>&,
                            Scratch<double>&);

}  // namespace mofkernel::MOFK_NS::mace
