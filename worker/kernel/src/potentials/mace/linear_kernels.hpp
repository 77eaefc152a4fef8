// The inner loops of a matrix product on a CPU, compiled for several instruction sets.
#pragma once

namespace mofkernel::cpu {

/// Columns of a panel: two packs of 32 bytes.
template <class T>
inline constexpr int kPanelWidth = static_cast<int>(64 / sizeof(T));

/// Rows, anywhere in memory, times one matrix.
template <class T>
struct RowProduct {
  const T* const* in;  ///< [n_rows] rows of n_in
  T* const* out;       ///< [n_rows] rows of n_out
  int n_rows, n_in, n_out;
  const T* panels;  ///< [n_out / width, rounded up][n_in][width], zero behind the last column
  bool adds;
};

struct LinearKernels {
  void (*multiply_float)(const RowProduct<float>& product);
  void (*multiply_double)(const RowProduct<double>& product);
};

namespace baseline {
extern const LinearKernels kLinearKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const LinearKernels kLinearKernels;
}
namespace avx512 {
extern const LinearKernels kLinearKernels;
}
#endif

/// The fastest that this processor runs.
const LinearKernels& choose_linear_kernels();

}  // namespace mofkernel::cpu
