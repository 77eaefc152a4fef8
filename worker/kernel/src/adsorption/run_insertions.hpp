// Placements of a rigid adsorbate in a rigid framework on one device.
#pragma once

#include <functional>
#include <span>

#include "adsorption/insertions.hpp"
#include "backend/backend.hpp"
#include "potentials/electrostatics/options.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::MOFK_NS {

/// Energies of an adsorbate with all periodic images of the framework, and their averages.
///   host     Lennard-Jones parameters of the framework's atoms; mixed with the adsorbate's by Lorentz-Berthelot
///   charges  [n_atoms] e of the framework, or empty: no Coulomb energy
/// Throws KernelError(unsupported) for a framework without three periodic axes.
InsertionResult run_insertions(const Context& context, const Structure& framework, const uff4mof::Terms& host,
                               std::span<const double> charges, const electrostatics::Options& electrostatics,
                               const InsertionOptions& options, const RunControl& control,
                               const std::function<void(std::int64_t)>& on_progress);

}  // namespace mofkernel::MOFK_NS
