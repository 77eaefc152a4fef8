// Which five- and six-membered rings are aromatic, by the electrons that their atoms can give.
#pragma once

#include "potentials/uff4mof/open_bonding.hpp"

namespace mofkernel::uff4mof {

/// Bonds of aromatic rings become 1.5, their atoms resonant; a lactam's C=O becomes a double bond.
void mark_aromatic_rings(OpenBonding& open);

}  // namespace mofkernel::uff4mof
