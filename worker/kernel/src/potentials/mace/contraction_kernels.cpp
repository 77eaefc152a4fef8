#include "potentials/mace/contraction_kernels.hpp"

namespace mofkernel::cpu {

const ContractionKernels& choose_contraction_kernels() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return avx512::kContractionKernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kContractionKernels;
#endif
  return baseline::kContractionKernels;
}

}  // namespace mofkernel::cpu
