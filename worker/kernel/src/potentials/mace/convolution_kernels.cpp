#include "potentials/mace/convolution_kernels.hpp"

namespace mofkernel::cpu {

const ConvolutionKernels& choose_convolution_kernels() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return avx512::kConvolutionKernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kConvolutionKernels;
#endif
  return baseline::kConvolutionKernels;
}

}  // namespace mofkernel::cpu
