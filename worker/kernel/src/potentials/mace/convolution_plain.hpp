// The convolution in plain loops, compiled for both backends: what a GPU runs, and the judge of the CPU's own loops.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/convolution_view.hpp"
#include "potentials/mace/radial.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
class PlainConvolution {
 public:
  PlainConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                   const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements, int n_elements);

  static mofkernel::mace::ConvolutionBytes predict_bytes(const mofkernel::mace::Layer& layer, int /*n_threads*/) {
    return {.per_knot =
                sizeof(T) * (static_cast<double>(layer.paths.size()) * layer.n_edge_channels + 1 + kWideChannels<T>)};
  }

  [[nodiscard]] int n_rows() const { return n_rows_; }
  void value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row, T* a,
             T* density) const;
  void adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row,
               const T* grad_a, const T* grad_density, T* grad_u, T* gradients) const;

 private:
  [[nodiscard]] ConvolutionView<T> view(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                        const int* sender_row) const;

  const Context* context_;
  int l_max_, edge_l_max_, n_channels_, n_rows_, n_elements_, n_functions_, table_stride_;
  int n_coupled_value_, n_coupled_adjoint_;  // of the largest path
  KnotGrid<T> grid_;
  Buffer<mofkernel::mace::PathPlace> paths_;
  Buffer<T> couplings_;
  Buffer<T> table_;
  Buffer<int> pair_of_elements_;
};

}  // namespace mofkernel::MOFK_NS::mace
