// The symmetric contraction: B^L_M = sum of the monomials of a channel's message up to the correlation order, with
// coefficients by element and channel. Batatia et al., NeurIPS 35, 11423 (2022), eqs. 10-11.
#pragma once

#include <span>

#include "backend/backend.hpp"
#include "potentials/mace/linear.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
class Contraction {
 public:
  /// For the elements of `atoms`, in their groups.
  Contraction(const Context& context, const mofkernel::mace::Product& product, int l_max, int n_channels,
              const AtomGroups& atoms);

  /// b [n_atoms][(output_l_max + 1)^2][n_channels] of messages x [n_atoms][(l_max + 1)^2][n_channels].
  void value(const AtomGroups& atoms, const T* x, T* b) const;
  /// grad_x = sum over (L, M) of grad_b dB/dx, in the shape of x. `grad_x` may not overlap `grad_b`.
  void adjoint(const AtomGroups& atoms, const T* x, const T* grad_b, T* grad_x) const;
};

}  // namespace mofkernel::MOFK_NS::mace
