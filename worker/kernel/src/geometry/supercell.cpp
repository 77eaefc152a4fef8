#include "geometry/supercell.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "errors.hpp"

namespace mofkernel {
namespace {

void check_repeats(const Structure& structure, const std::array<int, 3>& repeats) {
  std::int64_t n_left = std::numeric_limits<int>::max() / std::max(structure.n_atoms(), 1);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (repeats[axis] < 1) throw KernelError(ErrorCode::bad_request, "a supercell repeats at least once per axis");
    if (repeats[axis] > 1 && !structure.pbc[axis])
      throw KernelError(ErrorCode::bad_request, "a structure is not repeated along an axis that is not periodic");
    n_left /= repeats[axis];
  }
  if (n_left < 1) throw KernelError(ErrorCode::bad_request, "the supercell has too many atoms");
}

}  // namespace

Structure make_supercell(const Structure& structure, const std::array<int, 3>& repeats) {
  check_repeats(structure, repeats);
  Structure out{.cell = structure.cell, .pbc = structure.pbc, .positions = {}, .atomic_numbers = {}};
  for (int a = 0; a < repeats[0]; ++a) {
    for (int b = 0; b < repeats[1]; ++b) {
      for (int c = 0; c < repeats[2]; ++c) {
        for (const auto& position : structure.positions) {
          auto& image = out.positions.emplace_back(position);
          for (std::size_t x = 0; x < 3; ++x)
            image[x] += a * structure.cell[0][x] + b * structure.cell[1][x] + c * structure.cell[2][x];
        }
        out.atomic_numbers.insert(out.atomic_numbers.end(), structure.atomic_numbers.begin(),
                                  structure.atomic_numbers.end());
        out.charges.insert(out.charges.end(), structure.charges.begin(), structure.charges.end());
      }
    }
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (double& x : out.cell[axis]) x *= repeats[axis];
  }
  return out;
}

}  // namespace mofkernel
