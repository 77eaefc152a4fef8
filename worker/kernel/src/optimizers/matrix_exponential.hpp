// The exponential of a 3x3 matrix and its Frechet derivative; for host and device. Matrices are row-major.
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

MOFK_HD inline void multiply_matrices(const double* a, const double* b, double* out) {
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
  }
}

MOFK_HD inline void transpose_matrix(const double* m, double* out) {
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out[3 * i + j] = m[3 * j + i];
  }
}

/// exponential = exp(a), derivative = d/dt exp(a + t direction) at t = 0.
/// Scaling and squaring of the Taylor series and of its derivative (Higham, Functions of Matrices, SIAM 2008,
/// sections 10.3 and 10.6): after the scaling |a| <= 1/2, where fourteen terms leave less than 1e-17.
MOFK_HD inline void matrix_exponential(const double* a, const double* direction, double* exponential,
                                       double* derivative) {
  constexpr int kTerms = 14;
  constexpr int kMostSquarings = 60;
  double norm = 0;
  for (int k = 0; k < 9; ++k) norm += fabs(a[k]);
  int n_squarings = 0;
  double scale = 1;
  while (norm * scale > 0.5 && n_squarings < kMostSquarings) {
    scale *= 0.5;
    ++n_squarings;
  }

  double scaled[9], scaled_direction[9], term[9], term_derivative[9];
  for (int k = 0; k < 9; ++k) {
    const double identity = k % 4 == 0 ? 1.0 : 0.0;
    scaled[k] = a[k] * scale;
    scaled_direction[k] = direction[k] * scale;
    term[k] = exponential[k] = identity;
    term_derivative[k] = derivative[k] = 0;
  }
  double left[9], right[9];
  for (int n = 1; n <= kTerms; ++n) {
    // (a^n / n!)' = ((a^(n-1) / (n-1)!)' a + a^(n-1) / (n-1)! direction) / n
    multiply_matrices(term_derivative, scaled, left);
    multiply_matrices(term, scaled_direction, right);
    for (int k = 0; k < 9; ++k) term_derivative[k] = (left[k] + right[k]) / n;
    multiply_matrices(term, scaled, left);
    for (int k = 0; k < 9; ++k) {
      term[k] = left[k] / n;
      exponential[k] += term[k];
      derivative[k] += term_derivative[k];
    }
  }
  for (int n = 0; n < n_squarings; ++n) {
    multiply_matrices(exponential, derivative, left);
    multiply_matrices(derivative, exponential, right);
    for (int k = 0; k < 9; ++k) derivative[k] = left[k] + right[k];
    multiply_matrices(exponential, exponential, left);
    for (int k = 0; k < 9; ++k) exponential[k] = left[k];
  }
}

}  // namespace mofkernel::MOFK_NS
