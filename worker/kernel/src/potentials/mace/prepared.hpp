// A model on the device: the weights of some elements and one head, radial tables and polynomials, in one precision.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "potentials/mace/contraction.hpp"
#include "potentials/mace/convolution.hpp"
#include "potentials/mace/linear.hpp"
#include "potentials/mace/model.hpp"
#include "potentials/mace/prepared_weights.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Degrees and channels of what flows through a layer. Features lie as [n_atoms][(l + 1)^2][channels].
struct LayerShape {
  int edge_l_max, n_edge_channels;
  int l_max, n_message_channels;
  int output_l_max, n_output_channels;
  int n_convolution_rows;
  std::vector<int> n_paths_into;  ///< [l of the message]

  LayerShape(const mofkernel::mace::Layer& layer, int l_max_of_model);

  [[nodiscard]] int n_edge_rows() const { return (edge_l_max + 1) * (edge_l_max + 1); }
  [[nodiscard]] int n_message_rows() const { return (l_max + 1) * (l_max + 1); }
  [[nodiscard]] int n_output_rows() const { return (output_l_max + 1) * (output_l_max + 1); }
  /// Of the non-linear block: the scalars and the gates of every l > 0, then the rows with l > 0.
  [[nodiscard]] int n_gate_rows() const { return n_message_rows() + l_max; }
};

/// Of the non-linear block, between the convolution and the message.
template <class T>
struct PreparedGate {
  Buffer<T> first_residual;         ///< [n_elements][(1 + l_max) C_m], first layer
  std::vector<Linear<T>> residual;  ///< [l of the edges], later layers
  std::vector<Linear<T>> after;     ///< [l of the message]
  mofkernel::mace::Activation scalars, gates;

  PreparedGate(const Context& context, const mofkernel::mace::Layer& layer,
               const mofkernel::mace::LayerWeights& weights);
};

template <class T>
struct PreparedLayer {
  LayerShape shape;
  bool is_first;
  int n_input_rows;                  ///< (input_l_max + 1)^2
  Buffer<T> first_features;          ///< [n_elements][C_e], first layer
  Buffer<T> first_residual;          ///< [n_elements][C_out], first layer, empty without a residual
  std::vector<Linear<T>> linear_up;  ///< [l of the edges], later layers
  std::vector<Linear<T>> skip;       ///< [l], later layers, empty without a residual
  Convolution<T> convolution;
  std::vector<Linear<T>> linear;  ///< [l of the message]
  bool has_density;
  T density_offset, density_factor;
  std::unique_ptr<PreparedGate<T>> gate;  ///< null but for the non-linear block
  Contraction<T> contraction;
  std::vector<Linear<T>> product;  ///< [L]

  PreparedLayer(const Context& context, const mofkernel::mace::Model& model, int index,
                const mofkernel::mace::LayerWeights& weights, const AtomGroups& atoms);

  /// What is sent along the edges, and which row of it is an atom's.
  [[nodiscard]] const T* senders(const T* u) const { return is_first ? first_features.data() : u; }
  [[nodiscard]] const int* sender_rows(const int* group_of_atom, const int* atom_itself) const {
    return is_first ? group_of_atom : atom_itself;
  }
};

template <class T>
struct PreparedReadout {
  mofkernel::mace::ReadoutKind kind;
  int layer;
  mofkernel::mace::Activation activation;
  int n_hidden;             ///< of the head; 1 for a linear readout
  Linear<T> first;          ///< C_out -> n_hidden
  Buffer<T> first_weights;  ///< [C_out] of a linear readout
  Buffer<T> middle;         ///< [n_hidden][n_hidden], with biases only
  Buffer<T> bias_mid;       ///< [n_hidden], with biases only
  Buffer<T> last;           ///< [n_hidden], not for a linear readout
  double bias_last;

  PreparedReadout(const Context& context, const mofkernel::mace::ReadoutWeights& weights);
};

template <class T>
struct PreparedModel {
  std::shared_ptr<const mofkernel::mace::Model> model;
  int head;
  std::vector<int> elements;  ///< indices in the model, ascending
  std::deque<PreparedLayer<T>> layers;
  std::vector<PreparedReadout<T>> readouts;
  Buffer<double> atomic_energies;  ///< [n_elements] eV
  double scale, shift;             ///< of the head; the scale is in the readouts already
  std::size_t bytes;               ///< on the device

  PreparedModel(const Context& context, std::shared_ptr<const mofkernel::mace::Model> of, int of_head,
                std::span<const int> of_elements);
};

/// The atoms by these elements, of which some may have no atom.
AtomGroups group_atoms(const Context& context, std::span<const int> element_of_atom, std::span<const int> elements);

}  // namespace mofkernel::MOFK_NS::mace
