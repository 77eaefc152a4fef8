// Counter-based random numbers: the same numbers for the same (seed, step, structure, atom), whoever asks and when.
#pragma once

#include <cmath>
#include <cstdint>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

struct RandomWords {
  std::uint32_t word[4];
};

/// Philox4x32-10: ten rounds on a counter of four words under a key of two.
/// Source: Salmon, Moraes, Dror, Shaw, Proc. SC11, 16 (2011), doi:10.1145/2063384.2063405.
MOFK_HD inline RandomWords philox4x32_10(RandomWords counter, std::uint32_t key_0, std::uint32_t key_1) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  std::uint32_t (&c)[4] = counter.word;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product_0 = kMultiplier0 * c[0];
    const std::uint64_t product_1 = kMultiplier1 * c[2];
    c[0] = static_cast<std::uint32_t>(product_1 >> 32) ^ c[1] ^ key_0;
    c[1] = static_cast<std::uint32_t>(product_1);
    c[2] = static_cast<std::uint32_t>(product_0 >> 32) ^ c[3] ^ key_1;
    c[3] = static_cast<std::uint32_t>(product_0);
    key_0 += kWeyl0;
    key_1 += kWeyl1;
  }
  return counter;
}

/// What numbers are for; two uses never share any.
enum class RandomUse : std::uint32_t { initial_velocities = 0, langevin = 1u << 31 };

/// Three numbers of the standard normal distribution (Box and Muller, Ann. Math. Stat. 29, 610 (1958)).
///   step       in [0, 2^62)      structure, atom  index of the structure, and of the atom in it
MOFK_HD inline void random_normals(std::uint64_t seed, RandomUse use, std::int64_t step, int structure, int atom,
                                   double* out) {
  const auto high =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(step) >> 32) | static_cast<std::uint32_t>(use);
  const RandomWords random = philox4x32_10({{static_cast<std::uint32_t>(atom), static_cast<std::uint32_t>(structure),
                                             static_cast<std::uint32_t>(step), high}},
                                           static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  constexpr double kTwoPi = 6.283185307179586476925;
  // Half a unit above zero keeps the logarithm finite.
  double uniform[4];
  for (int k = 0; k < 4; ++k) uniform[k] = (random.word[k] + 0.5) * 0x1p-32;
  const double radius = sqrt(-2 * log(uniform[0]));
  out[0] = radius * cos(kTwoPi * uniform[1]);
  out[1] = radius * sin(kTwoPi * uniform[1]);
  out[2] = sqrt(-2 * log(uniform[2])) * cos(kTwoPi * uniform[3]);
}

}  // namespace mofkernel::MOFK_NS
