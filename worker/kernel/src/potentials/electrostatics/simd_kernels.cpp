#include "potentials/electrostatics/simd_kernels.hpp"

namespace mofkernel::cpu {

const ChargeKernels& choose_charge_kernels() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kChargeKernels;
#endif
  return baseline::kChargeKernels;
}

}  // namespace mofkernel::cpu
