#include "dynamics/md_system.hpp"

namespace mofkernel::MOFK_NS {

MdSystem::MdSystem(const Context& device, Batch& structures, DeviceEvaluation& results, double timestep_fs,
                   const MdStart& start)
    : context(device),
      batch(structures),
      evaluation(results),
      timestep(timestep_fs),
      velocities(device, std::span<const double>(start.velocities)),
      inertias(device, std::span<const double>(start.inertias)),
      inverse_inertias(device, std::span<const double>(start.inverse_inertias)),
      constants(device),
      n_steps_done(device, 1),
      diverged_at(device),
      good_positions(device),
      good_velocities(device),
      good_cells(device) {
  std::vector<MdConstants> host_constants;
  for (std::size_t s = 0; s < start.thermal_energies.size(); ++s) {
    host_constants.push_back(
        {start.thermal_energies[s], start.pressures[s], static_cast<double>(start.n_degrees_of_freedom[s])});
  }
  constants.upload(host_constants);
  n_steps_done.fill_zero();
  diverged_at.upload(std::vector<std::int64_t>(start.thermal_energies.size(), kNever));
  good_positions.copy_from(batch.positions);
  good_velocities.copy_from(velocities);
  good_cells.copy_from(batch.cells);
}

}  // namespace mofkernel::MOFK_NS
