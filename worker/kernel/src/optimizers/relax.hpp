// Relaxation of a batch on one device.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// The potential of some structures of the batch, ascending, as a batch of their own.
using PotentialOfSome = std::function<std::unique_ptr<Potential>(std::span<const int> structures)>;

/// Relaxes every structure of the batch in place, each at its own pace.
///   batch         in: start; out: last accepted geometry (when diverged, or stopped on the way up: the best one)
///   evaluation    out: energies, components, forces and virials at that geometry
///   on_step       called from this thread for every structure and step, step 0 being the start; a resumed run goes on
///                 with the step after its checkpoint
///   potential_of  when given, structures that have ended are no longer evaluated once they are half of the batch
/// Converged is a structure whose largest force norm over its moving atoms and, when its cell moves, over the rows of
/// the cell filter is below options.fmax_eV_A. Diverged is one whose energy or forces are not finite or whose volume
/// leaves [1/8, 8] of its start; the others go on without it.
/// A structure with symmetry operations stays in the group that they generate, exactly up to rounding: its forces and
/// virials are the symmetric parts of the potential's, in every step and in the end.
/// Resuming: the structures, the potential, the thread count and the options but max_steps must be those of the run
/// that wrote the checkpoint; every number is then the one that the run would have reached without the stop.
/// Returns one outcome per structure. Throws KernelError(unsupported) for a moving cell without three periodic axes and
/// for a structure too large for BFGS, what find_orbits() throws, (non_finite) for a start without finite energy and
/// forces, (bad_checkpoint, file_error) for a checkpoint that cannot be read, is another run's, or cannot be written.
std::vector<RelaxOutcome> relax_batch(const Context& context, Batch& batch, Potential& potential,
                                      const RelaxOptions& options, const RunControl& control,
                                      DeviceEvaluation& evaluation,
                                      const std::function<void(const RelaxStep&)>& on_step,
                                      const PotentialOfSome& potential_of = {});

/// Bytes of device memory that the relaxation of one structure takes besides its potential.
std::size_t predict_relaxation_bytes(const RelaxOptions& options, int n_atoms);

/// Throws KernelError(unsupported) for a structure with which the optimizer makes no sense.
void check_optimizer_suits(Optimizer optimizer, int n_atoms);

}  // namespace mofkernel::MOFK_NS
