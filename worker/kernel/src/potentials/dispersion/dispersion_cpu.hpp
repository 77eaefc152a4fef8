// The dispersion on a CPU: the same numbers as the plain code, by loops over crowds of atoms and without a neighbor
// list. Every sum is made by one thread in an order that follows from positions and cells alone.
#pragma once

#include "potentials/dispersion/model.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::cpu {

std::unique_ptr<Potential> make_dispersion_cpu(const Context& context, const dispersion::Model& model,
                                               Precision precision);

}  // namespace mofkernel::cpu
