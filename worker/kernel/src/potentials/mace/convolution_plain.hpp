// The convolution in plain loops, compiled for both backends: what a GPU runs, and the judge of the CPU's own loops.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/convolution_layout.hpp"
#include "potentials/mace/convolution_radial.hpp"
#include "potentials/mace/edges.hpp"
#include "potentials/mace/radial.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
class PlainConvolution {
 public:
  PlainConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                   const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements, int n_elements);

  static mofkernel::mace::ConvolutionBytes predict_bytes(const mofkernel::mace::Layer& layer, int /*n_threads*/) {
    return {.per_knot = sizeof(T) * (static_cast<double>(layer.paths.size()) * layer.n_edge_channels + 1)};
  }

  [[nodiscard]] int n_rows() const { return n_rows_; }
  void value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row, T* a,
             T* density) const;
  void adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row,
               const T* grad_a, const T* grad_density, T* grad_u, T* gradients) const;

  /// All that a loop over edges reads; public because nvcc wants it so.
  struct View {
    int l_max, edge_l_max, n_channels, n_rows, n_paths, n_elements, n_functions;
    const mofkernel::mace::PathPlace* paths;
    const T* couplings;
    KnotGrid<T> grid;
    const T* table;  ///< [n_pairs][n_knots][rows of a knot][n_functions]
    const int* pair_of_elements;
    EdgeView<T> edges;
    const int* element_of_atom;
    const T* u;
    const int* sender_row;
  };

 private:
  [[nodiscard]] View view(const EdgeView<T>& edges, const int* element_of_atom, const T* u,
                          const int* sender_row) const;
  [[nodiscard]] int n_threads() const;

  const Context* context_;
  int l_max_, edge_l_max_, n_channels_, n_rows_, n_elements_, n_functions_;
  KnotGrid<T> grid_;
  Buffer<mofkernel::mace::PathPlace> paths_;
  Buffer<T> couplings_;
  Buffer<T> table_;
  Buffer<int> pair_of_elements_;
};

}  // namespace mofkernel::MOFK_NS::mace
