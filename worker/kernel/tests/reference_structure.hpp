// The structures of the LAMMPS reference files with their elements, for tests that start from nothing else.
#pragma once

#include <map>
#include <string>

#include "potentials/uff4mof/elements.hpp"
#include "reference.hpp"

namespace mofkernel::reference {

/// `block` is the member "unit_cell" or "supercell" of a file.
inline Structure structure_with_elements(const json::Value& block, const std::string& configuration) {
  static const std::map<std::string, int, std::less<>> atomic_numbers = [] {
    std::map<std::string, int, std::less<>> result;
    for (int z = 1; z <= uff4mof::kMaxAtomicNumber; ++z) result.emplace(uff4mof::element_symbol(z), z);
    return result;
  }();
  Structure result = structure(block, configuration);
  result.atomic_numbers.clear();
  for (const json::Value& symbol : block.at("species").array()) {
    result.atomic_numbers.push_back(atomic_numbers.find(symbol.text())->second);
  }
  return result;
}

}  // namespace mofkernel::reference
