// From the energies of atoms to those of structures, in double.
#pragma once

#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Per atom, on the device: E = E0 of its element + shift + interaction + repulsion (null: none), all of them eV.
struct AtomEnergies {
  const double* isolated;    ///< [n_groups] by element
  const int* group_of_atom;  ///< [n_atoms]
  double shift;
  const double* interaction;  ///< [n_atoms] scaled
  const double* repulsion;    ///< [n_atoms] scaled
};

/// Energies and their components isolated_atoms, interaction (with the shift) and, where there is one, zbl.
void sum_energies(const Context& context, const Batch& batch, const AtomEnergies& atoms, DeviceEvaluation& out);
void sum_energies_per_atom(const Context& context, const Batch& batch, const AtomEnergies& atoms,
                           DeviceEvaluation& out);

}  // namespace mofkernel::MOFK_NS::mace
