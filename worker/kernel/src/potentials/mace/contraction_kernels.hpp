// The inner loops of the symmetric contraction on a CPU, compiled for several instruction sets.
#pragma once

#include "potentials/mace/contraction_view.hpp"

namespace mofkernel::cpu {

/// Atoms that share the loads of the coefficients.
inline constexpr int kContractedAtOnce = 4;

/// Some channels, as many as a pack has lanes or fewer, of atoms of one element.
template <class T>
struct ContractionWork {
  mofkernel::mace::ContractionView program;
  const T* coefficients;   ///< [n_coefficients][lanes of a pack]
  const T* const* x;       ///< [n_atoms] first of the channels in the atom's first row
  const T* const* grad_b;  ///< [n_atoms] likewise; adjoint only
  T* const* out;           ///< [n_atoms] likewise: b, or the gradient by x
  T* scratch;              ///< [2 n_heads][kContractedAtOnce][lanes of a pack], aligned to a pack
  int n_atoms;
  int row_stride;
  int n_lanes;
};

struct ContractionKernels {
  void (*value_float)(const ContractionWork<float>& work);
  void (*value_double)(const ContractionWork<double>& work);
  void (*adjoint_float)(const ContractionWork<float>& work);
  void (*adjoint_double)(const ContractionWork<double>& work);
};

namespace baseline {
extern const ContractionKernels kContractionKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const ContractionKernels kContractionKernels;
}
namespace avx512 {
extern const ContractionKernels kContractionKernels;
}
#endif

/// The fastest that this processor runs.
const ContractionKernels& choose_contraction_kernels();

}  // namespace mofkernel::cpu
