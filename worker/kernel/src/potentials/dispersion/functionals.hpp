// Damping parameters of the functionals whose missing dispersion D3(BJ) adds.
#pragma once

#include <string>
#include <string_view>

namespace mofkernel::dispersion {

/// E = -1/2 sum (s6 C6 / (r^6 + R^6) + s8 C8 / (r^8 + R^8)) with R = a1 sqrt(C8 / C6) + a2.
struct Damping {
  double s6;
  double s8;
  double a1;
  double a2_bohr;
};

/// `functional` in any case, with or without hyphens and underscores. Throws KernelError(unsupported) for one that is
/// not known, and names those that are.
Damping find_damping(std::string_view functional);

/// "b1b95, b2plyp, …"
std::string functional_names();

}  // namespace mofkernel::dispersion
