// The convolution of one layer and its adjoint, radial functions from a table:
//   A_i^p[k, m3] = sum over edges s -> i of R_p,k(r) sqrt(2 l3 + 1) sum_{m1 m2} C_{m1 m2 m3} u_s[k, m1] Y_{m2}(e)
// with e the unit vector from the sender to the receiver. Nothing of the size edges x channels is written.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/convolution_plain.hpp"
#ifndef __CUDACC__
#include "potentials/mace/convolution_cpu.hpp"
#endif
#include "potentials/mace/edges.hpp"
#include "potentials/mace/model.hpp"
#include "potentials/mace/radial.hpp"

namespace mofkernel::MOFK_NS::mace {

#ifdef __CUDACC__
template <class T>
using ConvolutionLoops = PlainConvolution<T>;
#else
template <class T>
using ConvolutionLoops = CpuConvolution<T>;
#endif

/// Rows of the messages before the linear map: for l3 = 0 …, for m3, for the paths into l3 in their order: one row of
/// C_e channels. So the n_l * C_e channels that the linear map of l3 mixes lie together for every m3.
/// [n_atoms][n_rows][C_e]
template <class T>
class Convolution {
 public:
  /// `pair_of_elements` [Nz * Nz] table of each ordered pair (sender * Nz + receiver), -1 where none is needed.
  /// Throws KernelError(unsupported) for degrees beyond 4 (harmonics) and 3 (features).
  Convolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
              const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements, int n_elements)
      : loops_(context, layer, l_max, table, pair_of_elements, n_elements) {}

  static mofkernel::mace::ConvolutionBytes predict_bytes(const mofkernel::mace::Layer& layer, int n_threads) {
    return ConvolutionLoops<T>::predict_bytes(layer, n_threads);
  }

  [[nodiscard]] int n_rows() const { return loops_.n_rows(); }

  /// `u` [n_senders][(edge_l_max + 1)^2][C_e]; row sender_row[j] of it belongs to atom j (the atom itself, or in the
  /// first layer its element). `a` [n_atoms][n_rows][C_e] is overwritten. `density` [n_atoms], or null: sum of the edge
  /// densities. Pointers are on the device, as those of adjoint().
  void value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row, T* a,
             T* density) const {
    loops_.value(edges, n_atoms, element_of_atom, u, sender_row, a, density);
  }

  /// Adds dE/d(vector) to `gradients` of each edge, and dE/du to `grad_u` [n_atoms][(edge_l_max + 1)^2][C_e] unless it
  /// is null (first layer). `grad_a` has the shape of `a`; `grad_density` [n_atoms] or null.
  void adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row,
               const T* grad_a, const T* grad_density, T* grad_u, T* gradients) const {
    loops_.adjoint(edges, n_atoms, element_of_atom, u, sender_row, grad_a, grad_density, grad_u, gradients);
  }

 private:
  ConvolutionLoops<T> loops_;
};

}  // namespace mofkernel::MOFK_NS::mace
