// Random numbers by (seed, placement): any placement can be made again alone, in any order, on any device.
#pragma once

#include <cstdint>

#include "dynamics/philox.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Six numbers, uniform in [0, 1) with 53 bits, that belong to this placement of this seed.
MOFK_HD inline void uniform_numbers(std::uint64_t seed, std::uint64_t placement, double (&numbers)[6]) {
  for (std::uint32_t part = 0; part < 3; ++part) {
    const RandomWords random =
        philox4x32_10({{static_cast<std::uint32_t>(placement), static_cast<std::uint32_t>(placement >> 32), part, 0}},
                      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
    for (int half = 0; half < 2; ++half) {
      const std::uint64_t bits = (std::uint64_t{random.word[2 * half]} << 32) | random.word[2 * half + 1];
      numbers[2 * part + half] = static_cast<double>(bits >> 11) * 0x1p-53;
    }
  }
}

}  // namespace mofkernel::MOFK_NS::insertion
