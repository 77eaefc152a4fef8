// The weights of a model for some elements and one head, with every constant factor folded into them in double. Host
// only. Symbols as in docs/mace.md.
#pragma once

#include <span>
#include <vector>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// [n_matrices][n_in][n_out]: one matrix for all elements, or one for each.
struct Matrices {
  int n_matrices = 1;
  int n_in = 0;
  int n_out = 0;
  std::vector<double> values;
};

/// Vectors by l, or by element: [n][n_channels].
struct Rows {
  int n_channels = 0;
  std::vector<double> values;
};

struct LayerWeights {
  /// The first layer's input depends on the element alone, so what follows from it is a table; later layers have maps.
  Rows first_features;              ///< [n_elements][C_e] u of the senders
  Rows first_residual;              ///< [n_elements][C_out], empty without a residual
  std::vector<Matrices> linear_up;  ///< [l of the edges] h -> u, empty in the first layer
  std::vector<Matrices> skip;       ///< [l] h -> residual, empty in the first layer or without one
  /// [l of the message] A -> message, the average number of neighbors and the skip of blocks without a residual
  /// included. Non-linear block: A -> features before the gate.
  std::vector<Matrices> linear;
  /// The message is divided by density_offset + density_factor * (sum of the edge densities).
  bool has_density = false;
  double density_offset = 1, density_factor = 1;
  std::vector<Matrices> product;  ///< [L] B -> h

  // Non-linear block only.
  Rows first_gate_residual;             ///< [n_elements][(1 + l_max) C_m], first layer
  std::vector<Matrices> gate_residual;  ///< [l of the edges] u -> features before the gate, later layers
  std::vector<Matrices> after_gate;     ///< [l of the message]
};

/// eps = scale * readout(h0): the scale of the head is in the last weights.
struct ReadoutWeights {
  ReadoutKind kind = ReadoutKind::linear;
  int layer = 0;
  Activation activation;
  Matrices first;                ///< [1][C_out][n]; n = 1 for a linear readout, else the hidden units of the head
  Matrices middle;               ///< [1][n][n], with biases only
  std::vector<double> bias_mid;  ///< [n], with biases only
  std::vector<double> last;      ///< [n], empty for a linear readout
  double bias_last = 0;
};

struct ModelWeights {
  std::vector<LayerWeights> layers;
  std::vector<ReadoutWeights> readouts;
  std::vector<double> atomic_energies;  ///< [n_elements] eV
  double scale = 1, shift = 0;          ///< of the head
};

/// `elements` by their indices in the model; everything "by element" is in their order.
ModelWeights fold_weights(const Model& model, int head, std::span<const int> elements);

}  // namespace mofkernel::mace
