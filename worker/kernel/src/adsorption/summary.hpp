// What the sums over placements say about the framework and the adsorbate. Host.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "adsorption/run_state.hpp"

namespace mofkernel::adsorption {

/// Averages and their standard errors; the grid, the lowest placements and the warnings are left empty. The mean energy
/// is not a number when no placement has any weight.
/// Throws KernelError(non_finite) when a Boltzmann factor is beyond what double precision holds.
InsertionResult summarize(const RunState& state, const Structure& framework, const InsertionOptions& options);

/// What a user should know about the charges; `charges` [n_atoms] e of the framework, or empty.
std::vector<std::string> warnings_about(std::span<const double> charges, const InsertionOptions& options);

}  // namespace mofkernel::adsorption
