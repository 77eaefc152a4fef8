// Charges of a framework by extended charge equilibration. Host only.
#pragma once

#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::electrostatics {

/// [n_atoms] e; they add up to zero. The energy of every atom is expanded about a usual charge of its element, in its
/// measured ionization energies; charges interact through the lattice sum of a Coulomb energy that is damped where
/// orbitals overlap; no iteration. The lattice sum is converged here; the authors' program cuts it off at 5 x 5 x 5
/// cells. A structure is periodic along all axes or along none.
/// Throws KernelError(unsupported) for an element without ionization data, for other periodicities and for more than
/// kMostEqeqAtoms atoms, (bad_structure) when no charges minimize the energy because atoms lie too close.
/// Source: Wilmer, Kim and Snurr, J. Phys. Chem. Lett. 3, 2506 (2012).
std::vector<double> eqeq_charges(const Structure& structure);

/// The matrix of the linear equations takes 8 bytes per pair of atoms, and time grows with the third power.
inline constexpr int kMostEqeqAtoms = 8000;

}  // namespace mofkernel::electrostatics
