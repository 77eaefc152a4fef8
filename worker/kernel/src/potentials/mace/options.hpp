// Options of the MACE potential, as in contracts/kernel-message.ts (maceOptionsSchema).
#pragma once

#include <filesystem>
#include <string>

namespace mofkernel::mace {

struct Options {
  std::filesystem::path folder;  ///< absolute; holds model.json and model.safetensors
  std::string head{};            ///< empty: the only one, or the one called "default" in any case

  bool operator==(const Options&) const = default;
};

}  // namespace mofkernel::mace
