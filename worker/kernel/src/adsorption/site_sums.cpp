#include "adsorption/site_sums.hpp"

namespace mofkernel::cpu {

SiteSums choose_site_sums() {
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kSiteSums;
#endif
  return baseline::kSiteSums;
}

}  // namespace mofkernel::cpu
