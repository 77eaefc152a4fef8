// Coulomb energy of point charges as a Potential of its own; UFF's 1-2 and 1-3 pairs do not interact.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "potentials/electrostatics/options.hpp"
#include "potentials/potential.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::MOFK_NS {

/// Component "coulomb". `charges` [N] e of all structures, in the order of the batch; `terms` one entry per structure
/// (their excluded pairs are left out, as in the decks' special_bonds 0 0 1).
/// Throws KernelError(unsupported) for an Ewald sum of a structure without three periodic axes.
std::unique_ptr<Potential> make_electrostatics(const Context& context, std::span<const Structure> structures,
                                               std::span<const uff4mof::Terms> terms, std::span<const double> charges,
                                               const electrostatics::Options& options, Precision precision);

/// The sum of potentials; its components are theirs, one after another.
std::unique_ptr<Potential> make_sum(const Context& context, const Batch& batch,
                                    std::vector<std::unique_ptr<Potential>> potentials);

}  // namespace mofkernel::MOFK_NS
