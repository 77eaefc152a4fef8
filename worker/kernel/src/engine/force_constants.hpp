// Finite-difference force constants of one structure on one device.
#pragma once

#include <functional>

#include "backend/backend.hpp"
#include "engine/engine.hpp"
#include "potentials/mace/prepared_models.hpp"

namespace mofkernel::MOFK_NS {

/// Central differences, two displaced copies of the structure per row, `n_copies` copies at once (even, at least 2).
/// Types, bonds and charges are those of the structure as given. Asked to stop, it does so between two batches; its
/// checkpoint holds the finished rows.
/// Throws KernelError(non_finite) naming the row, (bad_checkpoint) for the checkpoint of another request.
ForceConstants run_force_constants(const Context& context, mace::PreparedModels& models, const Structure& structure,
                                   const PotentialSpec& spec, Precision precision, const ForceConstantOptions& options,
                                   std::size_t n_copies, const RunControl& control,
                                   const std::function<void(int)>& on_progress);

}  // namespace mofkernel::MOFK_NS
