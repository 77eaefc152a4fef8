// Results of an evaluation on their way from the device to the caller.
#pragma once

#include <span>

#include "engine/engine.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// What was asked for, on the host; the stress of a structure without three periodic axes is zero, with a warning.
///   first  index of the first structure in the batch that the user sees; warnings name structures by it
Evaluation to_host(const Batch& batch, const Potential& potential, EvaluateWant want, const DeviceEvaluation& device,
                   std::span<const Structure> structures, std::size_t first = 0);

/// A number that is not finite must not travel on: it would look like a converged zero to the next comparison.
/// Throws KernelError(non_finite) naming the structure or the atom.
void check_finite(const Evaluation& evaluation);

/// Appends the results of the structures that follow.
void append(Evaluation& whole, Evaluation&& part);

}  // namespace mofkernel::MOFK_NS
