// How far a run of insertions is, what it has found, and how that is kept in a checkpoint. Host.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adsorption/averages.hpp"
#include "adsorption/host_lennard_jones.hpp"
#include "adsorption/insertions.hpp"
#include "adsorption/lowest_placements.hpp"
#include "checkpoint/checkpoint.hpp"
#include "geometry/structure.hpp"
#include "potentials/electrostatics/options.hpp"

namespace mofkernel::adsorption {

struct RunState {
  std::int64_t n_done = 0;
  Totals totals{};
  std::vector<float> grid_minimum_eV;      ///< of the points that are done
  std::vector<float> grid_free_energy_eV;  ///< likewise
  std::vector<NumberedEnergy> lowest;      ///< LowestPlacements::all()
};

/// A number that differs, as good as certainly, between two runs whose placements or energies differ.
std::int64_t fingerprint(const Structure& framework, const HostLennardJones& host, std::span<const double> charges,
                         const electrostatics::Options& electrostatics, const InsertionOptions& options);

Checkpoint to_checkpoint(const RunState& state, std::int64_t fingerprint);

/// Throws KernelError(bad_checkpoint) when the checkpoint is that of another run.
RunState read_run_state(const std::filesystem::path& path, std::int64_t fingerprint);

}  // namespace mofkernel::adsorption
