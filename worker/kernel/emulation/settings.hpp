// What the environment asks of the emulated device: MOFK_EMULATION="seed=3,memory_mib=64", see docs/gpu.md.
#pragma once

#include <cstdint>

namespace mofkernel::emulation {

struct Settings {
  /// 0: blocks and threads ascend and nothing runs before a synchronization. Else both are shuffled, and queued work
  /// starts at random moments.
  std::uint64_t seed = 0;
  std::uint64_t memory_mib = 4096;    ///< of device memory
  std::uint64_t fail_allocation = 0;  ///< this allocation fails, counted from 1; 0: none
  std::uint64_t lose_device = 0;      ///< this synchronization finds the device lost, and so does every later call
};

const Settings& settings();

/// The same sequence of numbers in every process with the same seed.
std::uint64_t next_random();

}  // namespace mofkernel::emulation
