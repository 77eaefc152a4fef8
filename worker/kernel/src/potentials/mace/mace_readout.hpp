// From the scalars of a layer to the energies of the atoms, and back.
#pragma once

#include "potentials/mace/layer.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Of the hidden units, [n_atoms][n_hidden] each; empty for a linear readout.
template <class T>
struct ReadoutBuffers {
  Buffer<T> first;   ///< before the activation; in the adjoint its gradient
  Buffer<T> second;  ///< the same of the second hidden layer of a readout with biases

  ReadoutBuffers(const Context& context, const PreparedReadout<T>& readout, int n_atoms);
};

/// Adds eps [n_atoms] eV of the scalars, the first C_out of `row_stride` numbers of every atom.
template <class T>
void readout_forward(const Scene<T>& scene, const PreparedReadout<T>& readout, const T* h, int row_stride,
                     ReadoutBuffers<T>& mine, double* energies);

/// Adds d(sum of eps)/dh to grad_h, which lies as h.
template <class T>
void readout_adjoint(const Scene<T>& scene, const PreparedReadout<T>& readout, ReadoutBuffers<T>& mine, int row_stride,
                     T* grad_h);

}  // namespace mofkernel::MOFK_NS::mace
