// One structure on the host, exactly as it came in: positions are never wrapped.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace mofkernel {

/// Atoms and lattice of one structure.
///   cell            [3][3] rows are the lattice vectors, A; the row of a non-periodic axis may be zero
///   pbc             which axes are periodic
///   positions       [n_atoms][3] cartesian, A; need not lie inside the cell
///   atomic_numbers  [n_atoms]
///   charges         [n_atoms] e, or empty when nobody gave any
struct Structure {
  std::array<std::array<double, 3>, 3> cell{};
  std::array<bool, 3> pbc{true, true, true};
  std::vector<std::array<double, 3>> positions;
  std::vector<int> atomic_numbers;
  std::vector<double> charges{};

  [[nodiscard]] int n_atoms() const { return static_cast<int>(atomic_numbers.size()); }
  bool operator==(const Structure&) const = default;
};

/// Lattice shift of a neighbor: cartesian position = positions[j] + shift @ cell.
using Shift = std::array<std::int32_t, 3>;

}  // namespace mofkernel
