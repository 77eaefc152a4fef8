// How much memory a device has left, and how much a calculation will take of it: known before anything is allocated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "engine/engine.hpp"

namespace mofkernel::MOFK_NS {

/// Bytes that can be allocated now: of the GPU, or of the computer.
std::size_t free_memory(const Context& context);

/// [n_structures] bytes that the batch, its potential and the results of an evaluation take for each structure, in any
/// precision: that of float64. A MACE model itself, which all of them share, is not in it.
std::vector<std::size_t> predict_evaluation(std::span<const Structure> structures, const PotentialSpec& spec);
/// The same and the state of the optimizer, or of the integrator.
std::vector<std::size_t> predict_relaxation(std::span<const Structure> structures, const PotentialSpec& spec,
                                            const RelaxOptions& options);
std::vector<std::size_t> predict_md(std::span<const Structure> structures, const PotentialSpec& spec);

/// What insertions take: first to see the framework as a guest does, then to work on as many placements at once as fit.
struct InsertionMemory {
  std::size_t setup_bytes = 0;
  std::size_t run_bytes = 0;            ///< but for the placements
  std::size_t bytes_per_placement = 0;  ///< of those worked on at once
  std::int64_t fewest_at_once = 0;

  [[nodiscard]] std::size_t bytes(std::int64_t n_at_once) const {
    return std::max(setup_bytes, run_bytes + static_cast<std::size_t>(n_at_once) * bytes_per_placement);
  }
};

/// For a request that check_insertions() takes; `has_charges`: the framework has some. Throws
/// KernelError(out_of_memory) for grids too large to count.
InsertionMemory predict_insertions(const Structure& framework, bool has_charges,
                                   const electrostatics::Options& electrostatics, const InsertionOptions& options);

}  // namespace mofkernel::MOFK_NS
