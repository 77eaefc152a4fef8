// UFF4MOF on a CPU in double precision: the tuned twin of evaluate.dual.cpp.
#pragma once

#include <memory>

#include "potentials/potential.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::cpu {

/// `plain_twin` evaluates what this one does not: energies per atom.
std::unique_ptr<Potential> make_uff4mof_cpu(const Context& context, const uff4mof::TermTable& table, double skin_A,
                                            std::unique_ptr<Potential> plain_twin);

}  // namespace mofkernel::cpu
