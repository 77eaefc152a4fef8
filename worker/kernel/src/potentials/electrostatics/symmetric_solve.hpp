// Linear equations with a symmetric positive definite matrix, in place and in blocks. Host only.
#pragma once

#include <span>

namespace mofkernel::electrostatics {

/// Replaces the lower triangle of `matrix` [n][n] by its Cholesky factor; false when the matrix is not positive
/// definite.
[[nodiscard]] bool factorize(std::span<double> matrix, int n);

/// `right` [n] becomes the solution; `factor` as factorize() leaves it.
void solve_factorized(std::span<const double> factor, int n, std::span<double> right);

}  // namespace mofkernel::electrostatics
