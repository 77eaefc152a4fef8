// UFF4MOF on a CPU: the tuned twin of evaluate.dual.cpp.
#pragma once

#include <memory>

#include "potentials/potential.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::cpu {

/// `plain_twin` evaluates what this one does not: energies per atom. In float32 as in mixed, pairs are single precision
/// and all the rest is double: here that costs nothing.
std::unique_ptr<Potential> make_uff4mof_cpu(const Context& context, const uff4mof::TermTable& table,
                                            Precision precision, std::unique_ptr<Potential> plain_twin);

}  // namespace mofkernel::cpu
