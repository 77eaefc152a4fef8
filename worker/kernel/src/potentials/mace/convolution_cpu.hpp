// The convolution on a CPU: tiles of edges, each by one thread, and in a tile one path after another, so that what its
// edges read of the radial table and of their neighbors stays in cache.
#pragma once

#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "potentials/mace/convolution_kernels.hpp"
#include "potentials/mace/convolution_layout.hpp"
#include "potentials/mace/convolution_radial.hpp"
#include "potentials/mace/edges.hpp"

namespace mofkernel::cpu::mace {

/// What a thread works on and with: kept from one evaluation to the next.
template <class T>
struct ConvolutionTile {
  explicit ConvolutionTile(const Context& context)
      : unit(context),
        weight(context),
        slope(context),
        coupled(context),
        products(context),
        slopes(context),
        gradient(context),
        scratch(context) {}

  int first_atom = 0, n_atoms = 0, n_padded = 0;
  std::vector<int> first, line, other;
  std::vector<int> place;  ///< of the edge in the view
  std::vector<T> density;  ///< of each edge, or its derivative by the distance
  Buffer<T> unit, weight, slope, coupled, products, slopes, gradient, scratch;

  [[nodiscard]] ConvolutionEdges<T> edges() {
    return {first_atom,  n_atoms,       first.data(), n_padded,     unit.data(),
            line.data(), weight.data(), slope.data(), other.data(), coupled.data()};
  }
};

template <class T>
class CpuConvolution {
 public:
  CpuConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                 const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements, int n_elements);

  static mofkernel::mace::ConvolutionBytes predict_bytes(const mofkernel::mace::Layer& layer, int n_threads);

  [[nodiscard]] int n_rows() const { return layout_.n_rows; }
  void value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row, T* a,
             T* density) const;
  void adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u, const int* sender_row,
               const T* grad_a, const T* grad_density, T* grad_u, T* gradients) const;

 private:
  /// Who sends and who receives along an edge of an atom.
  struct Pairs;

  void add_path(const mofkernel::mace::PathPlace& path);
  void keep_table(const mofkernel::mace::RadialTable& table);
  [[nodiscard]] ConvolutionModel<T> model() const;
  void prepare_tiles(int most_edges, int most_atoms) const;
  void place(const EdgeView<T>& edges, const Pairs& pairs, int first_atom, int last_atom,
             ConvolutionTile<T>& tile) const;
  void stage_features(const T* u, int first_row, int last_row) const;
  void pad_rows(const T* grad_a, int n_padded, int first_row, int last_row) const;
  void add_gradients(const EdgeView<T>& edges, const ConvolutionTile<T>& tile, const T* grad_density,
                     T* gradients) const;
  [[nodiscard]] T density_at(const Interpolation<T>& at, const T* weight, int pair) const;

  const Context* context_;
  mofkernel::mace::ConvolutionLayout layout_;
  int n_elements_;
  int n_pairs_;
  KnotGrid<T> grid_;
  std::vector<int> pair_of_elements_;
  std::vector<ConvolutionPath> paths_;
  std::vector<CouplingTerm<T>> terms_;
  int n_coupled_ = 0;
  Buffer<T> table_;
  Buffer<T> density_table_;  // [n_pairs][n_rows of the grid]
  // Scratch of one call; a convolution works for one caller at a time.
  mutable Buffer<T> features_;
  mutable Buffer<T> padded_grad_a_;
  mutable std::vector<ConvolutionTile<T>> tiles_;
};

}  // namespace mofkernel::cpu::mace
