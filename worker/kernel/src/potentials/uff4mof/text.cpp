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

void AtomWarnings::add(const std::string& kind, const std::string& message) {
  const auto [found, is_new] = index_of_kind_.try_emplace(kind, warnings_.size());
  if (is_new) {
    warnings_.push_back({message, 1});
  } else {
    ++warnings_[found->second].count;
  }
}

std::vector<std::string> AtomWarnings::texts() const {
  std::vector<std::string> texts;
  for (const Warning& warning : warnings_) {
    texts.push_back(warning.message +
                    (warning.count == 1 ? "" : " (and " + std::to_string(warning.count - 1) + " more such atoms)"));
  }
  return texts;
}

}  // namespace mofkernel::uff4mof
