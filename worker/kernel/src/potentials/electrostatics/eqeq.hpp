// Charges of a framework by extended charge equilibration. Host only.
#pragma once

#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::electrostatics {

/// [n_atoms] e; they add up to zero. Throws KernelError(unsupported) for an element without ionization data.
/// Source: Wilmer, Kim and Snurr, J. Phys. Chem. Lett. 3, 2506 (2012).
std::vector<double> eqeq_charges(const Structure& structure);

}  // namespace mofkernel::electrostatics
