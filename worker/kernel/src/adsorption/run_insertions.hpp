// Placements of a rigid adsorbate in a rigid framework on one device.
#pragma once

#include <functional>
#include <span>

#include "adsorption/host_lennard_jones.hpp"
#include "adsorption/insertions.hpp"
#include "backend/backend.hpp"
#include "potentials/electrostatics/options.hpp"

namespace mofkernel::MOFK_NS {

/// Placements between two looks at the clock and at the request to cancel: about a tenth of a second of work.
inline constexpr std::int64_t kMostPlacementsAtOnce = kIsCuda ? 1 << 20 : 1 << 17;

/// Throws KernelError(unsupported) for a framework without three periodic axes, (bad_structure) for one without atoms
/// or volume, (bad_request) for charges or options that make no sense.
void check_insertions(const Structure& framework, std::span<const double> charges, const InsertionOptions& options);

/// Energies of an adsorbate with all periodic images of the framework, and their averages.
///   host     Lennard-Jones parameters of the framework's atoms; mixed with the adsorbate's by Lorentz-Berthelot
///   charges  [n_atoms] e of the framework, or empty: no Coulomb energy
///   most_at_once  placements in memory at the same time, but at least PlacementPlan::segment; the results are the same
///                 bits for any number
/// The request is one that check_insertions() takes.
InsertionResult run_insertions(const Context& context, const Structure& framework,
                               const adsorption::HostLennardJones& host, std::span<const double> charges,
                               const electrostatics::Options& electrostatics, const InsertionOptions& options,
                               std::int64_t most_at_once, const RunControl& control,
                               const std::function<void(std::int64_t)>& on_progress);

}  // namespace mofkernel::MOFK_NS
