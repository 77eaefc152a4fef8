// Where atoms and their images are relative to each other, for host and device. Differences are taken in double in
// every precision: of two large numbers it is the small difference that counts.
#pragma once

#include <numbers>

#include "geometry/lattice.hpp"
#include "geometry/structure.hpp"

namespace mofkernel::MOFK_NS {

/// n @ cell with the rows of non-periodic axes, which may hold anything, left out.
MOFK_HD inline void lattice_vector(const double* cell, const int* pbc, const int* n, double* out) {
  double lattice[3];
  for (int a = 0; a < 3; ++a) lattice[a] = pbc[a] != 0 ? n[a] : 0.0;
  row_times_matrix(lattice, cell, out);
}

/// From atom i to the image `shift` of atom j.
MOFK_HD inline void image_offset(const double* positions, const double* cell, const int* pbc, int i, int j,
                                 const Shift& shift, double* out) {
  const int n[3] = {shift[0], shift[1], shift[2]};
  lattice_vector(cell, pbc, n, out);
  for (int a = 0; a < 3; ++a) out[a] += positions[3 * j + a] - positions[3 * i + a];
}

/// From atom `origin` to atom i, both wrapped by a neighbor list's `wrap`: single precision keeps its digits near zero
/// only.
MOFK_HD inline void wrapped_offset(const double* positions, const double* cell, const int* pbc, const int* wrap, int i,
                                   int origin, double* out) {
  const int n[3] = {wrap[3 * i] - wrap[3 * origin], wrap[3 * i + 1] - wrap[3 * origin + 1],
                    wrap[3 * i + 2] - wrap[3 * origin + 2]};
  lattice_vector(cell, pbc, n, out);
  for (int a = 0; a < 3; ++a) out[a] += positions[3 * i + a] - positions[3 * origin + a];
}

/// Rows of the reciprocal lattice, 1/A: k = n @ rows for the wave with the integers n.
MOFK_HD inline void reciprocal_rows(const double* cell, double* rows) {
  double inverse[9];
  invert(cell, inverse);
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) rows[3 * a + b] = 2 * std::numbers::pi * inverse[3 * b + a];
  }
}

/// Frobenius norm of before^-1 @ now - 1: no length in real or, to first order, in k-space changes by a larger
/// fraction.
MOFK_HD inline double relative_change(const double* before, const double* now) {
  double inverse[9];
  invert(before, inverse);
  double change = 0.0;
  for (int a = 0; a < 3; ++a) {
    double row[3];
    row_times_matrix(inverse + 3 * a, now, row);
    for (int b = 0; b < 3; ++b) change += (row[b] - (a == b ? 1.0 : 0.0)) * (row[b] - (a == b ? 1.0 : 0.0));
  }
  return sqrt(change);
}

}  // namespace mofkernel::MOFK_NS
