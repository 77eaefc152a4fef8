// What a Lennard-Jones cutoff leaves out, for a uniform density beyond it.
#pragma once

#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::uff4mof {

/// Both in eV A^3 for ONE ordered pair of atoms: divided by the volume they give its energy and the diagonal of its
/// virial.
struct PairTail {
  double energy;
  double virial;
};

/// Plain cutoff: the integrals of the energy and of the virial from the cutoff on (Allen and Tildesley, Computer
/// Simulation of Liquids, 2nd ed. 2017, section 2.8), as in LAMMPS `pair_modify tail yes`. Switched: the integral of
/// the part that the switch removed, from its start on; the virial is its exact strain derivative.
PairTail compute_pair_tail(double epsilon_eV, double x_A, Truncation truncation, double switch_start_A,
                           double cutoff_A);

}  // namespace mofkernel::uff4mof
