// Options of the D3 dispersion, as in contracts/kernel-message.ts (dispersionOptionsSchema).
#pragma once

#include <string>

namespace mofkernel::dispersion {

struct Options {
  std::string functional = "pbe";  ///< whose damping parameters are used, as functional_names() has them
  double cutoff_A = 21.167088422;  ///< of the pair energy; 40 Bohr
  double coordination_cutoff_A = 21.167088422;

  bool operator==(const Options&) const = default;
};

}  // namespace mofkernel::dispersion
