#include "protocol/symmetry_arrays.hpp"

#include <array>

namespace mofkernel::protocol {

std::vector<std::vector<SymmetryOperation>> parse_symmetry(RequestArrays& arrays,
                                                           std::span<const Structure> structures) {
  if (!arrays.has("symmetry_counts")) return {};
  const auto counts = arrays.take<std::int32_t, int>("symmetry_counts", {}, structures.size());
  std::size_t n_operations = 0;
  std::size_t n_images = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] < 0) refuse("array \"symmetry_counts\" has a number below 0");
    n_operations += static_cast<std::size_t>(counts[s]);
    n_images += static_cast<std::size_t>(counts[s]) * structures[s].positions.size();
  }
  const auto rotations = arrays.take<std::int32_t, std::array<int, 9>>("symmetry_rotations", {3, 3}, n_operations);
  const auto images = arrays.take<std::int32_t, int>("symmetry_permutations", {}, n_images);
  std::vector<std::vector<SymmetryOperation>> symmetry(counts.size());
  auto rotation = rotations.begin();
  auto image = images.begin();
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const auto n_atoms = static_cast<std::ptrdiff_t>(structures[s].positions.size());
    for (int k = 0; k < counts[s]; ++k, ++rotation, image += n_atoms)
      symmetry[s].push_back({.rotation = *rotation, .permutation = {image, image + n_atoms}});
  }
  return symmetry;
}

}  // namespace mofkernel::protocol
