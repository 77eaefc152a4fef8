// 3x3 matrices as nine numbers in row-major order, and what a lattice needs of them; for host and device.
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

MOFK_HD inline double determinant(const double* m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/// The caller has made sure that the determinant is not zero.
MOFK_HD inline void invert(const double* m, double* inverse) {
  const double f = 1.0 / determinant(m);
  inverse[0] = f * (m[4] * m[8] - m[5] * m[7]);
  inverse[1] = f * (m[2] * m[7] - m[1] * m[8]);
  inverse[2] = f * (m[1] * m[5] - m[2] * m[4]);
  inverse[3] = f * (m[5] * m[6] - m[3] * m[8]);
  inverse[4] = f * (m[0] * m[8] - m[2] * m[6]);
  inverse[5] = f * (m[2] * m[3] - m[0] * m[5]);
  inverse[6] = f * (m[3] * m[7] - m[4] * m[6]);
  inverse[7] = f * (m[1] * m[6] - m[0] * m[7]);
  inverse[8] = f * (m[0] * m[4] - m[1] * m[3]);
}

/// out = row @ m, for a row vector; cartesian = fractional @ cell.
MOFK_HD inline void row_times_matrix(const double* row, const double* m, double* out) {
  for (int a = 0; a < 3; ++a) out[a] = row[0] * m[a] + row[1] * m[3 + a] + row[2] * m[6 + a];
}

MOFK_HD inline double norm3(const double* v) { return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

MOFK_HD inline void cross3(const double* a, const double* b, double* out) {
  out[0] = a[1] * b[2] - a[2] * b[1];
  out[1] = a[2] * b[0] - a[0] * b[2];
  out[2] = a[0] * b[1] - a[1] * b[0];
}

/// A unit vector orthogonal to v (not zero).
MOFK_HD inline void any_normal(const double* v, double* out) {
  int smallest = 0;
  for (int a = 1; a < 3; ++a) {
    if (fabs(v[a]) < fabs(v[smallest])) smallest = a;
  }
  const double axis[3] = {smallest == 0 ? 1.0 : 0.0, smallest == 1 ? 1.0 : 0.0, smallest == 2 ? 1.0 : 0.0};
  cross3(v, axis, out);
  const double length = norm3(out);
  for (int a = 0; a < 3; ++a) out[a] /= length;
}

/// Lattice rows with the row of every non-periodic axis replaced by a unit vector orthogonal to the periodic rows.
/// The fractional coordinate along such an axis is then a length in A.
MOFK_HD inline void complete_lattice(const double* cell, const int* pbc, double* rows) {
  for (int k = 0; k < 9; ++k) rows[k] = pbc[k / 3] != 0 ? cell[k] : 0.0;
  const int n_periodic = pbc[0] + pbc[1] + pbc[2];
  if (n_periodic == 3) return;
  if (n_periodic == 0) {
    for (int k = 0; k < 9; ++k) rows[k] = k % 4 == 0 ? 1.0 : 0.0;
    return;
  }
  const int odd = n_periodic == 2 ? (pbc[0] == 0 ? 0 : pbc[1] == 0 ? 1 : 2) : (pbc[0] != 0 ? 0 : pbc[1] != 0 ? 1 : 2);
  double* const a = rows + 3 * odd;
  double* const b = rows + 3 * ((odd + 1) % 3);
  double* const c = rows + 3 * ((odd + 2) % 3);
  if (n_periodic == 1) {
    any_normal(a, b);
    cross3(a, b, c);
    const double length = norm3(c);
    for (int k = 0; k < 3; ++k) c[k] /= length;
  } else {
    cross3(b, c, a);
    const double length = norm3(a);
    for (int k = 0; k < 3; ++k) a[k] /= length;
  }
}

/// Is the lattice of the periodic axes one that can be worked with? The volume per product of the lengths is the
/// measure: rows that are parallel within 1e-6, shorter than 0.1 A, or not finite are not.
MOFK_HD inline bool is_usable_lattice(const double* cell, const int* pbc) {
  for (int k = 0; k < 9; ++k) {
    if (pbc[k / 3] != 0 && !(fabs(cell[k]) < 1e9)) return false;
  }
  for (int a = 0; a < 3; ++a) {
    if (pbc[a] != 0 && norm3(cell + 3 * a) < 0.1) return false;
  }
  double rows[9];
  complete_lattice(cell, pbc, rows);
  return fabs(determinant(rows)) > 1e-6 * norm3(rows) * norm3(rows + 3) * norm3(rows + 6);
}

}  // namespace mofkernel::MOFK_NS
