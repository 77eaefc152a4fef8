// The inner loops of the convolution on a CPU, compiled for several instruction sets: a pack of channels at once, or
// for what has no channels a pack of edges.
#pragma once

#include <cstddef>

#include "potentials/mace/radial_spline.hpp"

namespace mofkernel::cpu {

using mace::kSplineRows;

/// Channels of a block of the radial table: two packs, one line of cache.
template <class T>
inline constexpr int kBlockChannels = static_cast<int>(64 / sizeof(T));

/// Edges that share a pack.
template <class T>
inline constexpr int kEdgesPerPack = static_cast<int>(32 / sizeof(T));

/// Edges between asking for a line of the table and using it: 18 ms instead of 21 for the messages of 25 000 edges of
/// four pairs of elements.
inline constexpr int kEdgesAhead = 8;

struct ConvolutionPath {
  int l1, l2, l3;
  int first_row, row_stride;  ///< of the messages
  int first_term, end_term;   ///< couplings
  int first_coupled;          ///< sum of (2 l1 + 1)(2 l3 + 1) over the paths before
};

/// coupled[m1 * (2 l3 + 1) + m3] += value * harmonics[l2^2 + m2]
template <class T>
struct CouplingTerm {
  int coupled, harmonic;
  T value;
};

/// What does not change from one evaluation to the next.
template <class T>
struct ConvolutionModel {
  int l_max, edge_l_max, n_channels, n_rows, n_blocks, n_paths;
  int n_coupled;  ///< of an edge, all paths together
  const ConvolutionPath* paths;
  const CouplingTerm<T>* terms;
  const T* table;       ///< [n_blocks][n_paths][n_lines][channels of a block], zero behind the last channel
  std::size_t n_lines;  ///< n_pairs * rows of a pair
};

/// Edges of some atoms, one after another. Arrays are as long as whole packs of edges take.
template <class T>
struct ConvolutionEdges {
  int first_atom, n_atoms;
  const int* first;  ///< [n_atoms + 1]
  int n_padded;      ///< edges of whole packs
  const T* unit;     ///< [3][n_padded] from the sender to the receiver
  const int* line;   ///< [n_padded + kEdgesAhead] of the table, the first of those interpolated between
  const T* weight;   ///< [n_padded][kSplineRows] for the value
  const T* slope;    ///< likewise for the derivative by the distance; adjoint only
  const int* other;  ///< row of the sender's features; for an adjoint the receiver
  T* coupled;        ///< by path, then [n_padded / pack][coupled of the path][pack]
};

template <class T>
struct ConvolutionValue {
  ConvolutionModel<T> model;
  ConvolutionEdges<T> edges;
  const T* features;  ///< [n_blocks][n_senders][(edge_l_max + 1)^2][channels of a block]
  std::size_t features_of_block;
  T* a;
};

/// The atoms of the edges are the senders.
template <class T>
struct ConvolutionAdjoint {
  ConvolutionModel<T> model;
  ConvolutionEdges<T> edges;
  const T* u;
  const int* sender_row;
  const T* grad_a;       ///< [n_atoms][n_rows][n_grad_channels]
  int n_grad_channels;   ///< whole packs
  T* grad_u;             ///< or null
  T* scratch;            ///< [2 + 2 (2 edge_l_max + 1)][n_blocks * channels of a block], aligned to a pack
  T* products;           ///< [n_padded][products_of_edge]: sums over channels of R u grad_a
  int products_of_edge;  ///< n_coupled and a pack
  T* slopes;             ///< [n_padded][pack]: parts of the gradient by the distance
  T* gradient;           ///< out: [4][n_padded] by the unit vector (tangential), and by the distance
};

struct ConvolutionKernels {
  void (*value_float)(const ConvolutionValue<float>& work);
  void (*value_double)(const ConvolutionValue<double>& work);
  void (*adjoint_float)(const ConvolutionAdjoint<float>& work);
  void (*adjoint_double)(const ConvolutionAdjoint<double>& work);
};

namespace baseline {
extern const ConvolutionKernels kConvolutionKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const ConvolutionKernels kConvolutionKernels;
}
namespace avx512 {
extern const ConvolutionKernels kConvolutionKernels;
}
#endif

/// The fastest that this processor runs.
const ConvolutionKernels& choose_convolution_kernels();

}  // namespace mofkernel::cpu
