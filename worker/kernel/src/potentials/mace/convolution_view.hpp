// What the plain loops of a convolution read, and an edge as the threads of a block share it.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/channels.hpp"
#include "potentials/mace/convolution_layout.hpp"
#include "potentials/mace/convolution_radial.hpp"
#include "potentials/mace/couplings.hpp"
#include "potentials/mace/edges.hpp"
#include "potentials/mace/harmonics.hpp"

namespace mofkernel::MOFK_NS::mace {

template <class T>
struct ConvolutionView {
  int n_atoms, l_max, edge_l_max, n_channels, n_rows, n_paths, n_elements;
  int n_functions;   ///< the density, if there is one, is the last
  int table_stride;  ///< from one row to the next, aligned for wide loads
  const mofkernel::mace::PathPlace* paths;
  const T* couplings;
  KnotGrid<T> grid;
  const T* table;  ///< [n_pairs][n_rows of the grid][table_stride]
  const int* pair_of_elements;
  EdgeView<T> edges;
  const int* element_of_atom;
  const T* u;
  const int* sender_row;
};

/// An edge of the radial table: a function is the sum of the weights times its number in rows that follow each other.
template <class T>
struct alignas(16) TabulatedEdge {
  T weight[kSplineRows];
  T slope[kSplineRows];
  const T* rows;
  std::int64_t other;  ///< the sender's row of features; for an adjoint the receiver
};

template <class T>
MOFK_HD TabulatedEdge<T> tabulated_edge(const ConvolutionView<T>& w, int edge, int sender, int receiver) {
  const Interpolation<T> at = interpolate(w.grid, w.edges.distance[edge]);
  const int pair = w.pair_of_elements[w.element_of_atom[sender] * w.n_elements + w.element_of_atom[receiver]];
  TabulatedEdge<T> result{};
  for (int c = 0; c < kSplineRows; ++c) {
    result.weight[c] = at.weight[c];
    result.slope[c] = at.slope[c];
  }
  result.rows = w.table + (static_cast<std::size_t>(pair) * w.grid.n_rows + at.row) * w.table_stride;
  return result;
}

/// The last function, from its rows and their weights (or slopes).
template <class T>
MOFK_HD T last_function(const ConvolutionView<T>& w, const T* rows, const T* weight) {
  T sum = 0;
  for (int c = 0; c < kSplineRows; ++c)
    sum += weight[c] * rows[static_cast<std::size_t>(c) * w.table_stride + w.n_functions - 1];
  return sum;
}

}  // namespace mofkernel::MOFK_NS::mace
