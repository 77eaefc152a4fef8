#include "potentials/mace/linear_kernels.hpp"

namespace mofkernel::cpu {

const LinearKernels& choose_linear_kernels() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return avx512::kLinearKernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kLinearKernels;
#endif
  return baseline::kLinearKernels;
}

}  // namespace mofkernel::cpu
