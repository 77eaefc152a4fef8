// MACE as a Potential.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "potentials/mace/prepared_models.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Components: isolated_atoms, interaction, and zbl where the model has that repulsion. float32 and mixed are the same:
/// the network in float, positions, edges and all sums over them in double. `structures` as in `batch`.
/// Throws KernelError(unsupported) for an element that the model does not know.
std::unique_ptr<Potential> make_mace(const Context& context, mace::PreparedModels& prepared,
                                     const std::shared_ptr<const mofkernel::mace::Model>& model,
                                     const std::string& head, const Batch& batch, std::span<const Structure> structures,
                                     Precision precision);

}  // namespace mofkernel::MOFK_NS
