#include "potentials/mace/mace_elements.hpp"

#include <algorithm>
#include <array>

#include "errors.hpp"
#include "geometry/element_symbols.hpp"

namespace mofkernel::mace {
namespace {

constexpr std::size_t kAtomicNumbers = 119;

[[noreturn]] void refuse(const Model& model, std::size_t structure, std::size_t atom, int atomic_number) {
  std::vector<int> known = model.atomic_numbers;
  std::sort(known.begin(), known.end());
  std::string symbols;
  for (const int z : known) symbols += (symbols.empty() ? "" : ", ") + std::string(symbol_of(z));
  throw KernelError(ErrorCode::unsupported,
                    "atom " + std::to_string(atom) + " of structure " + std::to_string(structure) + " is " +
                        std::string(symbol_of(atomic_number)) + ", and the model was trained for " + symbols +
                        " only; use another model",
                    R"({"structure":)" + std::to_string(structure) + R"(,"atom":)" + std::to_string(atom) +
                        R"(,"atomic_number":)" + std::to_string(atomic_number) + "}");
}

}  // namespace

std::vector<int> elements_of(const Model& model, std::span<const Structure> structures, std::size_t first) {
  std::array<int, kAtomicNumbers> index_of{};
  index_of.fill(-1);
  for (std::size_t k = 0; k < model.atomic_numbers.size(); ++k)
    index_of[static_cast<std::size_t>(model.atomic_numbers[k])] = static_cast<int>(k);
  std::vector<int> elements;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    for (std::size_t i = 0; i < structures[s].atomic_numbers.size(); ++i) {
      const auto z = static_cast<std::size_t>(structures[s].atomic_numbers[i]);
      if (z >= kAtomicNumbers || index_of[z] < 0) refuse(model, first + s, i, static_cast<int>(z));
      elements.push_back(index_of[z]);
    }
  }
  return elements;
}

}  // namespace mofkernel::mace
