// How far atoms may move before a neighbor list that was built with a skin misses a pair; for host and device.
#pragma once

#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS {

/// What has become of a cell since a list was built.
struct Deformation {
  double f[9];          ///< a vector x that moves with the cell is x @ f now
  double largest_move;  ///< A; an atom may have moved this far relative to the cell; negative: build anew
};

/// With F = before^-1 @ now, a position is reference_position @ F + u. A pair now at d was at (d - du) @ F^-1, so no
/// pair inside the cutoff is missing while (cutoff + 2 max|u|) |F^-1| <= cutoff + skin; |F^-1| <= 1 + |F^-1 -
/// 1|_Frobenius. Both cells are usable ones.
MOFK_HD inline Deformation compute_deformation(const double* cell_before, const double* cell_now, const int* pbc,
                                               double cutoff, double skin) {
  Deformation result;
  double now[9];
  double before[9];
  double inverse[9];
  complete_lattice(cell_now, pbc, now);
  complete_lattice(cell_before, pbc, before);
  invert(before, inverse);
  for (int a = 0; a < 3; ++a) row_times_matrix(inverse + 3 * a, now, result.f + 3 * a);
  invert(now, inverse);
  double distance = 0.0;
  for (int a = 0; a < 3; ++a) {
    double row[3];
    row_times_matrix(inverse + 3 * a, before, row);
    for (int b = 0; b < 3; ++b) distance += (row[b] - (a == b ? 1.0 : 0.0)) * (row[b] - (a == b ? 1.0 : 0.0));
  }
  result.largest_move = ((cutoff + skin) / (1.0 + sqrt(distance)) - cutoff) / 2.0;
  return result;
}

/// False for positions that are no numbers.
MOFK_HD inline bool is_within_reach(const Deformation& deformation, const double* position_before,
                                    const double* position_now) {
  if (!(deformation.largest_move > 0.0)) return false;
  double u[3];
  row_times_matrix(position_before, deformation.f, u);
  for (int a = 0; a < 3; ++a) u[a] -= position_now[a];
  return u[0] * u[0] + u[1] * u[1] + u[2] * u[2] <= deformation.largest_move * deformation.largest_move;
}

}  // namespace mofkernel::MOFK_NS
