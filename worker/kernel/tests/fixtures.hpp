// Small structures with known bonding, built from idealized bond lengths and angles or from cited crystal data.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::fixtures {

using Vector = std::array<double, 3>;

struct Builder {
  Structure structure;

  /// A cubic box, or a structure without any lattice when `edge_A` is 0.
  explicit Builder(double edge_A = 0) {
    structure.pbc = {edge_A > 0, edge_A > 0, edge_A > 0};
    for (std::size_t axis = 0; axis < 3; ++axis) structure.cell[axis][axis] = edge_A;
  }
  void add(int atomic_number, const Vector& position) {
    structure.atomic_numbers.push_back(atomic_number);
    structure.positions.push_back(position);
  }
};

/// Ring of six carbons in the xy plane (1.395 A) with an outer atom on each of them.
inline Structure substituted_benzene(const std::array<int, 6>& outer, const std::array<double, 6>& length_A,
                                     double edge_A = 20) {
  Builder b(edge_A);
  for (std::size_t k = 0; k < 6; ++k) {
    const double angle = static_cast<double>(k) * std::numbers::pi / 3;
    const Vector along{std::cos(angle), std::sin(angle), 0};
    b.add(6, {1.395 * along[0], 1.395 * along[1], 0});
    const double radius = 1.395 + length_A[k];
    b.add(outer[k], {radius * along[0], radius * along[1], 0});
  }
  return b.structure;
}

inline Structure benzene() { return substituted_benzene({1, 1, 1, 1, 1, 1}, {1.09, 1.09, 1.09, 1.09, 1.09, 1.09}); }

/// Para-benzoquinone's connectivity on a regular ring: rules must not look at bond lengths.
inline Structure benzoquinone() {
  return substituted_benzene({8, 1, 1, 8, 1, 1}, {1.22, 1.09, 1.09, 1.22, 1.09, 1.09});
}

inline Structure phenolate() { return substituted_benzene({8, 1, 1, 1, 1, 1}, {1.28, 1.09, 1.09, 1.09, 1.09, 1.09}); }

/// Staggered methanol; C-O 1.42, C-H 1.09, O-H 0.96 A, tetrahedral carbon, C-O-H 108 degrees.
inline Structure methanol() {
  Builder b(15);
  const double theta = 109.47 * std::numbers::pi / 180;
  b.add(6, {0, 0, 0});
  b.add(8, {0, 0, 1.42});
  const double bend = 108 * std::numbers::pi / 180;
  b.add(1, {0.96 * std::sin(bend), 0, 1.42 - 0.96 * std::cos(bend)});
  for (int k = 0; k < 3; ++k) {
    const double phi = std::numbers::pi + k * 2 * std::numbers::pi / 3;
    b.add(1, {1.09 * std::sin(theta) * std::cos(phi), 1.09 * std::sin(theta) * std::sin(phi), 1.09 * std::cos(theta)});
  }
  return b.structure;
}

/// Planar formamide from its microwave geometry, rounded.
inline Structure formamide() {
  Builder b;
  b.add(6, {0, 0, 0});
  b.add(8, {1.055, 0.605, 0});
  b.add(7, {-1.17, 0.67, 0});
  b.add(1, {0.0, -1.10, 0});
  b.add(1, {-1.17, 1.68, 0});
  b.add(1, {-2.05, 0.18, 0});
  return b.structure;
}

/// trans-butadiene on a 1.40 A zigzag: single and double bonds can only be told apart by counting.
inline Structure butadiene() {
  Builder b;
  const double dx = 1.40 * std::sin(60 * std::numbers::pi / 180);
  for (int k = 0; k < 4; ++k) b.add(6, {k * dx, k % 2 == 0 ? 0.0 : 0.70, 0});
  b.add(1, {0, -1.09, 0});
  b.add(1, {-0.94, 0.55, 0});
  b.add(1, {dx, 1.79, 0});
  b.add(1, {2 * dx, -1.09, 0});
  b.add(1, {3 * dx, 1.79, 0});
  b.add(1, {3 * dx + 0.94, 0.15, 0});
  return b.structure;
}

/// alpha-quartz, 9 atoms: a 4.916, c 5.4054 A, Si 0.4697, O (0.4135, 0.2669, 0.1191), P3221.
/// Source: Levien, Prewitt, Weidner, Am. Mineral. 65, 920 (1980).
inline Structure quartz() {
  constexpr double a = 4.916;
  constexpr double c = 5.4054;
  constexpr double u = 0.4697;
  constexpr double x = 0.4135;
  constexpr double y = 0.2669;
  constexpr double z = 0.1191;
  constexpr double third = 1.0 / 3.0;
  Structure s;
  s.cell = {{{a, 0, 0}, {-a / 2, a * std::numbers::sqrt3 / 2, 0}, {0, 0, c}}};
  const auto add = [&s](int atomic_number, const Vector& f) {
    Vector position{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t axis = 0; axis < 3; ++axis) position[axis] += f[row] * s.cell[row][axis];
    }
    s.atomic_numbers.push_back(atomic_number);
    s.positions.push_back(position);
  };
  add(14, {u, 0, 2 * third});
  add(14, {0, u, third});
  add(14, {-u, -u, 0});
  add(8, {x, y, z + 2 * third});
  add(8, {-y, x - y, z + third});
  add(8, {y - x, -x, z});
  add(8, {y, x, -z + third});
  add(8, {x - y, -y, -z + 2 * third});
  add(8, {-x, y - x, -z});
  return s;
}

/// Zn4O(O2CH)6, the node of MOF-5: Zn-O 1.94, C-O 1.26 A, Zn...Zn 3.17 A.
inline Structure zn4o_formate(double edge_A = 0) {
  Builder b(edge_A);
  const double a = 1.94 / std::numbers::sqrt3;
  b.add(8, {0, 0, 0});
  for (const Vector& corner : {Vector{a, a, a}, Vector{a, -a, -a}, Vector{-a, a, -a}, Vector{-a, -a, a}})
    b.add(30, corner);
  const double half = 1.11;
  const double along = half / std::numbers::sqrt2;
  const double gap = a * std::numbers::sqrt2 - half;
  const double height_O = a + std::sqrt(1.94 * 1.94 - gap * gap);
  const double height_C = height_O + std::sqrt(1.26 * 1.26 - half * half);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t p = (axis + 1) % 3;
    const std::size_t q = (axis + 2) % 3;
    for (const double side : {1.0, -1.0}) {
      Vector first{};
      first[axis] = side * height_O;
      first[p] = along;
      first[q] = side * along;
      Vector second = first;
      second[p] = -second[p];
      second[q] = -second[q];
      Vector c{};
      c[axis] = side * height_C;
      Vector h{};
      h[axis] = side * (height_C + 1.09);
      b.add(8, first);
      b.add(8, second);
      b.add(6, c);
      b.add(1, h);
    }
  }
  return b.structure;
}

/// M2(O2CH)4, a paddlewheel along z.
inline Structure paddlewheel(int metal, double metal_metal_A, double metal_oxygen_A) {
  Builder b;
  const double half = 1.11;
  const double rise = metal_metal_A / 2 - half;
  const double radius_O = std::sqrt(metal_oxygen_A * metal_oxygen_A - rise * rise);
  const double radius_C = radius_O + std::sqrt(1.26 * 1.26 - half * half);
  b.add(metal, {0, 0, metal_metal_A / 2});
  b.add(metal, {0, 0, -metal_metal_A / 2});
  for (int k = 0; k < 4; ++k) {
    const double c = std::cos(k * std::numbers::pi / 2);
    const double s = std::sin(k * std::numbers::pi / 2);
    b.add(8, {radius_O * c, radius_O * s, half});
    b.add(8, {radius_O * c, radius_O * s, -half});
    b.add(6, {radius_C * c, radius_C * s, 0});
    b.add(1, {(radius_C + 1.09) * c, (radius_C + 1.09) * s, 0});
  }
  return b.structure;
}

/// A metal with terminal ligands of one element in the listed directions.
inline Structure complex(int metal, int ligand, double distance_A, const std::vector<Vector>& directions) {
  Builder b;
  b.add(metal, {0, 0, 0});
  for (const Vector& d : directions) {
    const double length = std::hypot(d[0], d[1], d[2]);
    b.add(ligand, {distance_A * d[0] / length, distance_A * d[1] / length, distance_A * d[2] / length});
  }
  return b.structure;
}

inline const std::vector<Vector> kTetrahedron{{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
inline const std::vector<Vector> kSquare{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}};
inline const std::vector<Vector> kOctahedron{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};

/// Copies block by block, the last axis fastest; block (0, 0, 0) first.
inline Structure repeat(const Structure& structure, int n_a, int n_b, int n_c) {
  Structure result = structure;
  result.positions.clear();
  result.atomic_numbers.clear();
  const std::array<int, 3> n{n_a, n_b, n_c};
  for (std::size_t row = 0; row < 3; ++row) {
    for (double& component : result.cell[row]) component *= n[row];
  }
  for (int ia = 0; ia < n_a; ++ia) {
    for (int ib = 0; ib < n_b; ++ib) {
      for (int ic = 0; ic < n_c; ++ic) {
        for (std::size_t i = 0; i < structure.positions.size(); ++i) {
          Vector position = structure.positions[i];
          for (std::size_t axis = 0; axis < 3; ++axis) {
            position[axis] +=
                ia * structure.cell[0][axis] + ib * structure.cell[1][axis] + ic * structure.cell[2][axis];
          }
          result.positions.push_back(position);
          result.atomic_numbers.push_back(structure.atomic_numbers[i]);
        }
      }
    }
  }
  return result;
}

}  // namespace mofkernel::fixtures
