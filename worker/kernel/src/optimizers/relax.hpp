// Relaxation of a batch on one device.
#pragma once

#include <functional>
#include <vector>

#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Relaxes every structure of the batch in place, each at its own pace.
///   batch       in: start; out: last accepted geometry (when diverged: last good one)
///   evaluation  out: energies, components, forces and virials at that geometry
///   on_step     called from this thread for every structure and step, step 0 being the start
/// Converged is a structure whose largest force norm over its atoms and, when its cell moves, over the rows of the cell
/// filter is below options.fmax_eV_A. Diverged is one whose energy or forces are not finite or whose volume leaves
/// [1/8, 8] of its start; it ends with the lowest energy that it has seen.
/// Returns one outcome per structure. Throws KernelError(unsupported) for a moving cell without three periodic axes.
std::vector<RelaxOutcome> relax_batch(const Context& context, Batch& batch, Potential& potential,
                                      const RelaxOptions& options, const RunControl& control,
                                      DeviceEvaluation& evaluation,
                                      const std::function<void(const RelaxStep&)>& on_step);

}  // namespace mofkernel::MOFK_NS
