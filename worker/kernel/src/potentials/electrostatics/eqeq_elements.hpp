// Ionization data of the elements for extended charge equilibration.
#pragma once

namespace mofkernel::electrostatics {

/// Energies in eV that an atom of charge `center` gains by taking up an electron (`lower`) and needs to give off
/// another one (`upper`): ionization energies, for neutral atoms the electron affinity and the first of them.
struct EqeqElement {
  int atomic_number;
  int center;  ///< e
  double lower, upper;
};

/// Null for an element that is not in the table.
const EqeqElement* find_eqeq_element(int atomic_number);

}  // namespace mofkernel::electrostatics
