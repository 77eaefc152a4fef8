// The double bonds that no group decides: carbons and what is left of N, O and S look for partners.
#pragma once

#include "potentials/uff4mof/open_bonding.hpp"

namespace mofkernel::uff4mof {

/// Afterwards no carbon lacks a double bond; one that found no partner is told as a warning.
void place_remaining_double_bonds(OpenBonding& open);

}  // namespace mofkernel::uff4mof
