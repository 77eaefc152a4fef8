// How much memory a device has left, and how much a calculation will take of it: known before anything is allocated.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "engine/engine.hpp"

namespace mofkernel::MOFK_NS {

/// Bytes that can be allocated now: of the GPU, or of the computer.
std::size_t free_memory(const Context& context);

/// [n_structures] bytes that the batch, its potential and the results of an evaluation take for each structure, in any
/// precision: that of float64.
std::vector<std::size_t> predict_evaluation(std::span<const Structure> structures, const PotentialSpec& spec);
/// The same and the state of the optimizer, or of the integrator.
std::vector<std::size_t> predict_relaxation(std::span<const Structure> structures, const PotentialSpec& spec,
                                            const RelaxOptions& options);
std::vector<std::size_t> predict_md(std::span<const Structure> structures, const PotentialSpec& spec);

}  // namespace mofkernel::MOFK_NS
