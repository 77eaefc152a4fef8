// A symmetry operation of one structure, as a request brings it.
#pragma once

#include <array>
#include <vector>

namespace mofkernel {

/// x' = rotation x + translation for columns of fractional coordinates; the translation follows from where the atoms
/// go.
///   rotation     [3][3] whole numbers, row-major
///   permutation  [n_atoms] atom i lands on the place of atom permutation[i], or on one of its periodic images
struct SymmetryOperation {
  std::array<int, 9> rotation{};
  std::vector<int> permutation;

  bool operator==(const SymmetryOperation&) const = default;
};

}  // namespace mofkernel
