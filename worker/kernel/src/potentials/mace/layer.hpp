// One layer of the network, forward and backward. grad_x stands for dE/dx throughout.
#pragma once

#include "potentials/mace/edges.hpp"
#include "potentials/mace/prepared.hpp"

namespace mofkernel::MOFK_NS::mace {

/// What an evaluation needs everywhere.
template <class T>
struct Scene {
  const Context* context;
  const AtomGroups* atoms;
  const int* element_of_atom;  ///< [n_atoms] index in the model
  const int* atom_itself;      ///< [n_atoms] 0, 1, 2 …
  EdgeView<T> edges;
  T* edge_gradients;
};

/// What a layer keeps for its adjoint; n_atoms rows each.
template <class T>
struct LayerBuffers {
  Buffer<T> u;        ///< [(edge_l_max + 1)^2][C_e] what the atoms send; empty in the first layer
  Buffer<T> density;  ///< sum of the edge densities, where the block has them
  Buffer<T> q;        ///< [n_gate_rows][C_m] non-linear block: before the gate
  Buffer<T> q_edges;  ///< the part of q that came along the edges
  Buffer<T> x;        ///< [(l_max + 1)^2][C_m] the message
  Buffer<T> h;        ///< [(output_l_max + 1)^2][C_out] output; from the end of the forward pass on its gradient

  LayerBuffers(const Context& context, const PreparedLayer<T>& layer, int n_atoms);
};

/// Shared by the layers, as large as the largest needs; n_atoms rows each.
template <class T>
struct Scratch {
  Buffer<T> a;             ///< [n_convolution_rows][C_e] the convolution, or its gradient
  Buffer<T> b;             ///< [(output_l_max + 1)^2][C_m] the contraction, or its gradient
  Buffer<T> message;       ///< [(l_max + 1)^2][C_m] behind the gate, or the gradient of x
  Buffer<T> grad_u;        ///< as u
  Buffer<T> grad_density;  ///< [1]

  Scratch(const Context& context, const std::deque<PreparedLayer<T>>& layers, int n_atoms);
};

/// The rows of degree l of features [n_atoms][n_rows][n_channels]; the rows of l begin with l^2.
template <class T>
FeatureRows<T> rows_of(T* features, int l, int n_rows, int n_channels) {
  return {features + static_cast<std::ptrdiff_t>(l) * l * n_channels, static_cast<std::int64_t>(n_rows) * n_channels,
          n_channels, 2 * l + 1};
}

/// The rows of all paths into l of a convolution: n_paths * C_e channels for every m.
template <class T>
FeatureRows<T> path_rows_of(T* a, int l, const LayerShape& shape) {
  int first_row = 0;
  for (int below = 0; below < l; ++below)
    first_row += shape.n_paths_into[static_cast<std::size_t>(below)] * (2 * below + 1);
  const int n_channels = shape.n_edge_channels;
  return {a + static_cast<std::ptrdiff_t>(first_row) * n_channels,
          static_cast<std::int64_t>(shape.n_convolution_rows) * n_channels,
          static_cast<std::int64_t>(shape.n_paths_into[static_cast<std::size_t>(l)]) * n_channels, 2 * l + 1};
}

/// The features of degree l before the gate: (1 + l_max) C_m channels for l = 0, then C_m for every row.
template <class T>
FeatureRows<T> gate_rows_of(T* q, int l, const LayerShape& shape) {
  const int n_channels = shape.n_message_channels;
  const int first_row = l == 0 ? 0 : shape.l_max + l * l;
  return {q + static_cast<std::ptrdiff_t>(first_row) * n_channels,
          static_cast<std::int64_t>(shape.n_gate_rows()) * n_channels, n_channels, 2 * l + 1};
}

/// h of the layer from the positions, and from `input`, the h of the layer before (null in the first one).
template <class T>
void layer_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, const T* input, LayerBuffers<T>& mine,
                   Scratch<T>& scratch);

/// Adds to the edges' gradients, and to grad_input (null in the first layer), what grad_h in mine.h means.
template <class T>
void layer_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, T* grad_input, LayerBuffers<T>& mine,
                   Scratch<T>& scratch);

// Of the non-linear block: x from the convolution in scratch.a, and back; there scratch.message holds grad_x, and
// scratch.grad_u gets the part of dE/du that did not go along the edges.
template <class T>
void gate_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine, Scratch<T>& scratch);
template <class T>
void gate_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine, Scratch<T>& scratch);

}  // namespace mofkernel::MOFK_NS::mace
