#include "potentials/uff4mof/text.hpp"

#include <array>
#include <cstdio>

#include "potentials/uff4mof/elements.hpp"

namespace mofkernel::uff4mof {

std::string atom_name(const Structure& structure, std::int32_t atom) {
  const int z = structure.atomic_numbers[static_cast<std::size_t>(atom)];
  return std::to_string(atom) + " (" + std::string(element_symbol(z)) + ")";
}

std::string format_A(double length_A) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", length_A);
  return text.data();
}

}  // namespace mofkernel::uff4mof
