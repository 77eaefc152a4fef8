#include "optimizers/symmetry_orbits.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "errors.hpp"
#include "geometry/lattice.hpp"

namespace mofkernel {
namespace {

using Rotation = std::array<int, 9>;  // of fractional column vectors

constexpr std::size_t kLargestPointGroup = 48;
constexpr Rotation kIdentity{1, 0, 0, 0, 1, 0, 0, 0, 1};
/// No reduced or conventional cell needs more; larger ones could overflow in products.
constexpr int kLargestEntry = 1000;

[[noreturn]] void refuse(const std::string& what) {
  throw KernelError(ErrorCode::bad_request, "the symmetry operations do not fit the structure: " + what);
}

Rotation multiply(const Rotation& a, const Rotation& b) {
  Rotation product{};
  for (std::size_t k = 0; k < 9; ++k) {
    const std::size_t row = k / 3 * 3;
    const std::size_t column = k % 3;
    product[k] = a[row] * b[column] + a[row + 1] * b[3 + column] + a[row + 2] * b[6 + column];
  }
  return product;
}

int determinant_of(const Rotation& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/// Of a matrix whose determinant is 1 or -1.
Rotation inverse_of(const Rotation& m) {
  const int f = determinant_of(m);
  return {f * (m[4] * m[8] - m[5] * m[7]), f * (m[2] * m[7] - m[1] * m[8]), f * (m[1] * m[5] - m[2] * m[4]),
          f * (m[5] * m[6] - m[3] * m[8]), f * (m[0] * m[8] - m[2] * m[6]), f * (m[2] * m[3] - m[0] * m[5]),
          f * (m[3] * m[7] - m[4] * m[6]), f * (m[1] * m[6] - m[0] * m[7]), f * (m[0] * m[4] - m[1] * m[3])};
}

/// The group that the rotations generate, the identity first.
std::vector<Rotation> generate(const std::set<Rotation>& generators) {
  std::vector<Rotation> group{kIdentity};
  for (std::size_t i = 0; i < group.size(); ++i) {
    for (const Rotation& generator : generators) {
      const Rotation product = multiply(generator, group[i]);
      if (std::ranges::find(group, product) != group.end()) continue;
      if (group.size() == kLargestPointGroup)
        refuse("their rotations generate more than 48 others, so they are no operations of one crystal");
      group.push_back(product);
    }
  }
  return group;
}

class Crystal {
 public:
  explicit Crystal(const Structure& structure) {
    for (std::size_t k = 0; k < 9; ++k) cell_[k] = structure.cell[k / 3][k % 3];
    cpu::invert(cell_.data(), inverse_.data());
    for (const auto& position : structure.positions) {
      std::array<double, 3>& fractional = fractional_.emplace_back();
      cpu::row_times_matrix(position.data(), inverse_.data(), fractional.data());
    }
  }

  /// cell^T W cell^-T
  [[nodiscard]] Matrix3 to_cartesian(const Rotation& rotation) const {
    Matrix3 by_cell{}, cartesian{};
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        for (std::size_t c = 0; c < 3; ++c) by_cell[3 * a + b] += cell_[3 * c + a] * rotation[3 * c + b];
      }
    }
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        for (std::size_t c = 0; c < 3; ++c) cartesian[3 * a + b] += by_cell[3 * a + c] * inverse_[3 * b + c];
      }
    }
    return cartesian;
  }

  /// A rotation has no strain: its cartesian form is orthogonal, on the scale of a lattice vector.
  [[nodiscard]] bool has_rotation(const Rotation& rotation) const {
    const Matrix3 m = to_cartesian(rotation);
    double longest = 0;
    for (std::size_t a = 0; a < 3; ++a) longest = std::max(longest, cpu::norm3(cell_.data() + 3 * a));
    for (std::size_t k = 0; k < 9; ++k) {
      const double* const row = m.data() + k / 3 * 3;
      const double* const other = m.data() + k % 3 * 3;
      const double product = row[0] * other[0] + row[1] * other[1] + row[2] * other[2];
      if (!(std::abs(product - (k % 4 == 0 ? 1.0 : 0.0)) * longest < kExactSymmetry_A)) return false;
    }
    return true;
  }

  /// The first atom that is not where the operation puts it; the number of atoms when there is none.
  [[nodiscard]] std::size_t find_displaced(const SymmetryOperation& operation) const {
    std::array<double, 3> translation{};
    for (std::size_t i = 0; i < fractional_.size(); ++i) {
      const auto& from = fractional_[i];
      const auto& to = fractional_[static_cast<std::size_t>(operation.permutation[i])];
      std::array<double, 3> difference{}, cartesian{};
      for (std::size_t a = 0; a < 3; ++a) {
        const int* const w = operation.rotation.data() + 3 * a;
        const double image = w[0] * from[0] + w[1] * from[1] + w[2] * from[2];
        if (i == 0) translation[a] = to[a] - image;
        difference[a] = image + translation[a] - to[a];
        difference[a] -= std::round(difference[a]);
      }
      cpu::row_times_matrix(difference.data(), cell_.data(), cartesian.data());
      if (!(cpu::norm3(cartesian.data()) < kExactSymmetry_A)) return i;
    }
    return fractional_.size();
  }

 private:
  Matrix3 cell_{};  ///< rows are lattice vectors
  Matrix3 inverse_{};
  std::vector<std::array<double, 3>> fractional_;
};

void check_permutation(const Structure& structure, const std::vector<int>& permutation,
                       std::span<const std::uint8_t> is_fixed, const std::string& which) {
  const std::size_t n_atoms = structure.positions.size();
  if (permutation.size() != n_atoms)
    refuse(which + " permutes " + std::to_string(permutation.size()) + " atoms, there are " + std::to_string(n_atoms));
  std::vector<bool> is_hit(n_atoms, false);
  for (std::size_t i = 0; i < n_atoms; ++i) {
    const auto j = static_cast<std::size_t>(permutation[i]);
    if (permutation[i] < 0 || j >= n_atoms || is_hit[j])
      refuse(which + " is no permutation: atom " + std::to_string(i) + " goes to " + std::to_string(permutation[i]));
    is_hit[j] = true;
    if (structure.atomic_numbers[i] != structure.atomic_numbers[j])
      refuse(which + " takes atom " + std::to_string(i) + " to one of another element");
    if (!is_fixed.empty() && is_fixed[i] != is_fixed[j]) {
      refuse(which + " takes atom " + std::to_string(i) + " to " + std::to_string(j) +
             ", and only one of the two is fixed; fix all atoms of an orbit or none");
    }
  }
}

void check_operation(const Structure& structure, const Crystal& crystal, const SymmetryOperation& operation,
                     std::span<const std::uint8_t> is_fixed, const std::string& which) {
  check_permutation(structure, operation.permutation, is_fixed, which);
  const bool is_small = std::ranges::all_of(operation.rotation, [](int x) { return std::abs(x) <= kLargestEntry; });
  if (!is_small || std::abs(determinant_of(operation.rotation)) != 1 || !crystal.has_rotation(operation.rotation))
    refuse("the rotation of " + which + " does not leave the lattice as it is, within 1e-6 A");
  const std::size_t displaced = crystal.find_displaced(operation);
  if (displaced == structure.positions.size()) return;
  refuse(which + " does not bring atom " + std::to_string(displaced) +
         " to the place of its image within 1e-6 A; move the structure onto its exact symmetry first");
}

Matrix3 mean_of(const std::vector<Rotation>& rotations, const Crystal& crystal) {
  Matrix3 mean{};
  for (const Rotation& rotation : rotations) {
    const Matrix3 m = crystal.to_cartesian(rotation);
    for (std::size_t k = 0; k < 9; ++k) mean[k] += m[k] / static_cast<double>(rotations.size());
  }
  return mean;
}

/// The orbit of `first`, which has not been reached; marks its atoms.
Orbit orbit_of(int first, std::span<const SymmetryOperation> operations, const Crystal& crystal,
               std::vector<Rotation>& rotation_to, std::vector<bool>& is_reached) {
  Orbit orbit{.atoms = {first}, .rotations = {}, .site_projector = {}};
  is_reached[static_cast<std::size_t>(first)] = true;
  rotation_to[static_cast<std::size_t>(first)] = kIdentity;
  // Schreier's lemma: these generate the rotations of all operations that leave the first atom in its place.
  std::set<Rotation> site_rotations;
  for (std::size_t k = 0; k < orbit.atoms.size(); ++k) {
    const auto i = static_cast<std::size_t>(orbit.atoms[k]);
    for (const SymmetryOperation& operation : operations) {
      const auto j = static_cast<std::size_t>(operation.permutation[i]);
      const Rotation rotation = multiply(operation.rotation, rotation_to[i]);
      if (is_reached[j]) {
        site_rotations.insert(multiply(inverse_of(rotation_to[j]), rotation));
      } else {
        is_reached[j] = true;
        rotation_to[j] = rotation;
        orbit.atoms.push_back(static_cast<int>(j));
      }
    }
  }
  for (const int i : orbit.atoms)
    orbit.rotations.push_back(crystal.to_cartesian(rotation_to[static_cast<std::size_t>(i)]));
  orbit.site_projector = mean_of(generate(site_rotations), crystal);
  return orbit;
}

}  // namespace

SymmetryOrbits find_orbits(const Structure& structure, std::span<const SymmetryOperation> operations,
                           std::span<const std::uint8_t> is_fixed) {
  if (!structure.pbc[0] || !structure.pbc[1] || !structure.pbc[2])
    throw KernelError(ErrorCode::unsupported, "symmetry operations need a structure that is periodic along all axes");
  const Crystal crystal(structure);
  std::set<Rotation> rotations;
  for (std::size_t k = 0; k < operations.size(); ++k) {
    check_operation(structure, crystal, operations[k], is_fixed, "operation " + std::to_string(k));
    rotations.insert(operations[k].rotation);
  }
  SymmetryOrbits found;
  for (const Rotation& rotation : generate(rotations)) found.rotations.push_back(crystal.to_cartesian(rotation));
  const std::size_t n_atoms = structure.positions.size();
  std::vector<Rotation> rotation_to(n_atoms);
  std::vector<bool> is_reached(n_atoms, false);
  for (std::size_t i = 0; i < n_atoms; ++i) {
    if (!is_reached[i])
      found.orbits.push_back(orbit_of(static_cast<int>(i), operations, crystal, rotation_to, is_reached));
  }
  return found;
}

}  // namespace mofkernel
