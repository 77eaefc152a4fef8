#include "potentials/electrostatics/symmetric_solve.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "backend/backend.hpp"

namespace mofkernel::electrostatics {

namespace {

constexpr int kBlock = 64;

/// Rows of a block's columns worth a thread of their own.
constexpr int kRowsPerThread = 64;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Cholesky factor of the block on the diagonal that begins at `first`.
bool factorize_diagonal(double* matrix, std::size_t n, std::size_t first, std::size_t last) {
  for (std::size_t k = first; k < last; ++k) {
    double* const row = matrix + k * n;
    for (std::size_t j = first; j <= k; ++j) {
      const double* const other = matrix + j * n;
      double sum = row[j];
      for (std::size_t m = first; m < j; ++m) sum -= row[m] * other[m];
      if (j < k) {
        row[j] = sum / other[j];
      } else {
        if (!(sum > 0.0)) return false;
        row[k] = std::sqrt(sum);
      }
    }
  }
  return true;
}

}  // namespace

bool factorize(std::span<double> matrix, int n) {
  const cpu::Context context;
  const std::size_t stride = index(n);
  double* const a = matrix.data();
  // Columns of the present block for all rows below it, transposed: the update then runs along rows.
  std::vector<double> panel(kBlock * stride);
  double* const columns = panel.data();
  for (int first = 0; first < n; first += kBlock) {
    const int last = std::min(first + kBlock, n);
    if (!factorize_diagonal(a, stride, index(first), index(last))) return false;
    const int n_below = n - last;
    cpu::parallel_for(
        context, n_below,
        [=](int r) {
          double* const row = a + index(last + r) * stride;
          for (int k = first; k < last; ++k) {
            const double* const diagonal = a + index(k) * stride;
            double sum = row[k];
            for (int m = first; m < k; ++m) sum -= row[m] * diagonal[m];
            row[k] = sum / diagonal[k];
            columns[index(k - first) * stride + index(last + r)] = row[k];
          }
        },
        kRowsPerThread);
    cpu::parallel_for(
        context, n_below,
        [=](int r) {
          // From both ends in turn: the rows grow longer, and threads get neighbors.
          const int i = last + (r % 2 == 0 ? r / 2 : n_below - 1 - r / 2);
          double* const row = a + index(i) * stride;
          for (int k = first; k < last; ++k) {
            const double factor = row[k];
            const double* const column = columns + index(k - first) * stride;
            for (int j = last; j <= i; ++j) row[j] -= factor * column[j];
          }
        },
        kRowsPerThread);
  }
  return true;
}

void solve_factorized(std::span<const double> factor, int n, std::span<double> right) {
  const std::size_t size = index(n);
  for (std::size_t i = 0; i < size; ++i) {
    double sum = right[i];
    for (std::size_t j = 0; j < i; ++j) sum -= factor[i * size + j] * right[j];
    right[i] = sum / factor[i * size + i];
  }
  for (std::size_t i = size; i-- > 0;) {
    right[i] /= factor[i * size + i];
    for (std::size_t j = 0; j < i; ++j) right[j] -= factor[i * size + j] * right[i];
  }
}

}  // namespace mofkernel::electrostatics
