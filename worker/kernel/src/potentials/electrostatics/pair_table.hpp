// The pair interaction as a table of cubics in r^2, for the inner loops of the CPU. Host only.
#pragma once

#include <vector>

#include "potentials/electrostatics/coulomb_model.hpp"

namespace mofkernel::electrostatics {

/// Below this squared distance, A^2, the table ends; atoms are never that close.
inline constexpr double kTableBegin_A2 = 1.0 / 1024;

/// Number of the interval that holds u = r^2, for tables of simd_kernels.hpp.
long long table_interval(double u);

/// Rows from the interval of kTableBegin_A2 to that of the squared cutoff: energy and slope (B'(r) / r) as cubics
/// through values and derivatives at both ends; relative error 1e-10 at most.
std::vector<double> build_pair_table(const Splitting& splitting, double cutoff_A);

}  // namespace mofkernel::electrostatics
