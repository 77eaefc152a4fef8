// The symmetric contraction: B^L_M = sum of the monomials of a channel's message up to the correlation order, with
// coefficients by element and channel. Batatia et al., NeurIPS 35, 11423 (2022), eqs. 10-11.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/atom_groups.hpp"
#include "potentials/mace/contraction_view.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Memory: the coefficients, [n_groups][monomials][n_channels]; nothing for each atom.
template <class T>
class Contraction {
 public:
  /// For the elements of `atoms`, in their groups. Throws KernelError(unsupported) beyond l_max 4, output L 3 or
  /// correlation 4.
  Contraction(const Context& context, const mofkernel::mace::Product& product, int l_max, int n_channels,
              const AtomGroups& atoms);

  /// Coefficients of an element and channel: the distinct monomials of all outputs.
  [[nodiscard]] int n_coefficients() const { return n_coefficients_; }

  /// b [n_atoms][(output_l_max + 1)^2][n_channels] of messages x [n_atoms][(l_max + 1)^2][n_channels]. `atoms` has the
  /// elements of those given to the constructor. An atom's result depends on neither the others nor the number of
  /// threads.
  void value(const AtomGroups& atoms, const T* x, T* b) const;
  /// grad_x = sum over (L, M) of grad_b dB/dx, in the shape of x. `grad_x` may not overlap `grad_b`.
  void adjoint(const AtomGroups& atoms, const T* x, const T* grad_b, T* grad_x) const;

 private:
  [[nodiscard]] mofkernel::mace::ContractionView view() const;

  const Context* context_;
  int n_channels_;
  int n_coefficients_ = 0, n_harmonics_ = 0, n_outputs_ = 0;
  Buffer<mofkernel::mace::ContractionHead> heads_;
  Buffer<mofkernel::mace::ContractionTerm> terms_;
  Buffer<mofkernel::mace::ContractionRun> runs_;
  Buffer<int> leaves_;
  Buffer<T> coefficients_;  // [n_groups][n_channels / lanes, rounded up][n_coefficients][lanes]
};

}  // namespace mofkernel::MOFK_NS::mace
