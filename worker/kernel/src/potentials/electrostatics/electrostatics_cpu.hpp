// The electrostatics of a CPU in double precision: the same numbers as the dual code, by tuned loops.
#pragma once

#include <memory>

#include "potentials/electrostatics/coulomb_model.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::cpu {

/// `plain_twin` answers evaluations with energies per atom.
std::unique_ptr<Potential> make_electrostatics_cpu(const Context& context, const electrostatics::CoulombModel& model,
                                                   double skin_A, std::unique_ptr<Potential> plain_twin);

}  // namespace mofkernel::cpu
