// Where the neighbor lists of a run were built, as values of its checkpoint.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

inline void put_lists(Checkpoint& checkpoint, std::span<const ListReference> lists) {
  checkpoint.put("n_lists", static_cast<std::int64_t>(lists.size()));
  for (std::size_t k = 0; k < lists.size(); ++k) {
    const std::string name = "list_" + std::to_string(k);
    checkpoint.put(name + "_positions", std::span<const double>(lists[k].positions));
    checkpoint.put(name + "_cells", std::span<const double>(lists[k].cells));
  }
}

/// Throws KernelError(bad_checkpoint) when one that is counted is not there.
inline std::vector<ListReference> lists_of(const Checkpoint& checkpoint) {
  const std::int64_t n_lists = checkpoint.integer("n_lists");
  std::vector<ListReference> lists;
  for (std::int64_t k = 0; k < n_lists; ++k) {
    const std::string name = "list_" + std::to_string(k);
    lists.push_back({checkpoint.doubles(name + "_positions"), checkpoint.doubles(name + "_cells")});
  }
  return lists;
}

}  // namespace mofkernel::MOFK_NS
