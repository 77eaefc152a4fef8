#include "potentials/uff4mof/simd_kernels.hpp"

namespace mofkernel::cpu {

const SimdKernels& choose_simd_kernels() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    return avx512::kKernels;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kKernels;
#endif
  return baseline::kKernels;
}

}  // namespace mofkernel::cpu
