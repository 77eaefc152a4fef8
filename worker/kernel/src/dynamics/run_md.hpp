// Molecular dynamics of a batch on one device.
#pragma once

#include <functional>

#include "dynamics/md.hpp"
#include "engine/run_control.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Moves every structure of the batch, each with its own temperature and pressure; returns structures, velocities,
/// outcomes and energies of the end. A structure whose energy, forces or cell stop being finite ends as diverged and
/// the others go on.
///   batch    in: start (also of a resumed run, whose state comes from the checkpoint); out: end
///   on_sample  called from this thread, in the order of the steps, structure after structure
/// Throws KernelError(unsupported) for a barostat without three periodic axes, (bad_checkpoint) for a checkpoint of
/// another run, (file_error) when a trajectory or checkpoint cannot be written.
MdResult run_md(const Context& context, Batch& batch, Potential& potential, const MdOptions& options,
                const RunControl& control, DeviceEvaluation& evaluation,
                const std::function<void(const MdSample&)>& on_sample);

}  // namespace mofkernel::MOFK_NS
