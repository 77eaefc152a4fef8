#include "potentials/dispersion/loops.hpp"

#include <type_traits>

namespace mofkernel::cpu {

template <class T>
const DispersionLoops<T>& choose_dispersion_loops() {
  const auto of_type = [](const auto& of_doubles, const auto& of_floats) -> const DispersionLoops<T>& {
    if constexpr (std::is_same_v<T, double>)
      return of_doubles;
    else
      return of_floats;
  };
#ifdef MOFK_WITH_AVX2
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    return of_type(avx512::kDispersionLoops, avx512::kDispersionLoopsOfFloats);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return of_type(avx2::kDispersionLoops, avx2::kDispersionLoopsOfFloats);
#endif
  return of_type(baseline::kDispersionLoops, baseline::kDispersionLoopsOfFloats);
}

template const DispersionLoops<double>& choose_dispersion_loops<double>();
template const DispersionLoops<float>& choose_dispersion_loops<float>();

}  // namespace mofkernel::cpu
