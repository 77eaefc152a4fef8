// Small pieces of text for messages about atoms.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::uff4mof {

/// "12 (Zn)": index and element.
std::string atom_name(const Structure& structure, std::int32_t atom);

/// Three decimals: "2.041".
std::string format_A(double length_A);

/// Warnings about atoms: the first of each kind is told in full, the others are counted.
class AtomWarnings {
 public:
  void add(const std::string& kind, const std::string& message);
  /// In order of first appearance.
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  struct Warning {
    std::string message;
    int count;
  };
  std::vector<Warning> warnings_;
  std::map<std::string, std::size_t> index_of_kind_;
};

}  // namespace mofkernel::uff4mof
