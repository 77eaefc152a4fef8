// Groups whose multiple bonds are known by themselves, whatever they are conjugated with.
#pragma once

#include "potentials/uff4mof/open_bonding.hpp"

namespace mofkernel::uff4mof {

/// In this order: linear atoms, nitro groups, oxo acids, carboxylates, carbonyls.
void resolve_pi_groups(OpenBonding& open);

}  // namespace mofkernel::uff4mof
