// Small systems for tests that need something to compute: bond lengths and angles of textbooks, so that typing
// succeeds.
#pragma once

#include <cmath>

#include "geometry/structure.hpp"

namespace mofkernel {

/// CH4 with 1.09 A bonds; not periodic.
inline Structure make_methane() {
  const double a = 1.09 / std::sqrt(3.0);
  Structure methane;
  methane.pbc = {false, false, false};
  methane.positions = {{0, 0, 0}, {a, a, a}, {a, -a, -a}, {-a, a, -a}, {-a, -a, a}};
  methane.atomic_numbers = {6, 1, 1, 1, 1};
  return methane;
}

/// Two CH4 in a triclinic cell, shorter than the cutoff.
inline Structure make_methane_crystal() {
  const Structure molecule = make_methane();
  Structure crystal;
  crystal.cell = {{{5.2, 0, 0}, {0.7, 5.6, 0}, {-0.4, 0.9, 6.1}}};
  for (const auto& center : {std::array<double, 3>{0.3, 0.2, 0.1}, std::array<double, 3>{2.9, 3.1, 3.2}}) {
    for (std::size_t i = 0; i < molecule.positions.size(); ++i) {
      const auto& p = molecule.positions[i];
      crystal.positions.push_back({p[0] + center[0], p[1] + center[1], p[2] + center[2]});
      crystal.atomic_numbers.push_back(molecule.atomic_numbers[i]);
    }
  }
  return crystal;
}

}  // namespace mofkernel
