// What a group of symmetry operations does to fields on the atoms of one structure. Host only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/structure.hpp"
#include "geometry/symmetry_operation.hpp"

namespace mofkernel {

/// Matrices act on cartesian column vectors, row-major.
using Matrix3 = std::array<double, 9>;

/// Atoms that operations carry into each other.
struct Orbit {
  std::vector<int> atoms;          ///< the first one represents the orbit
  std::vector<Matrix3> rotations;  ///< [atoms] turn a vector on the representative into its image on the atom
  /// The mean of what leaves the representative in its place: takes from a vector what its site does not allow.
  Matrix3 site_projector;
};

struct SymmetryOrbits {
  std::vector<Orbit> orbits;       ///< every atom is in one
  std::vector<Matrix3> rotations;  ///< the point group, at most 48
};

/// How far an atom may be from where an operation puts it, and how much an operation may change the length of a lattice
/// vector, A: rounding of an exactly symmetric structure, not more.
inline constexpr double kExactSymmetry_A = 1e-6;

/// Orbits under the group that `operations` generate: they may be the whole group or some that generate it.
///   is_fixed  [n_atoms] or empty
/// Throws KernelError(unsupported) without three periodic axes; (bad_request) for what is no permutation of atoms of
/// the same element, no rotation of this lattice, or no finite group, for a structure that is not exactly symmetric,
/// and for fixed atoms whose images are not fixed.
SymmetryOrbits find_orbits(const Structure& structure, std::span<const SymmetryOperation> operations,
                           std::span<const std::uint8_t> is_fixed);

}  // namespace mofkernel
