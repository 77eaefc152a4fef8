#include "dynamics/md_state.hpp"

#include <algorithm>

#include "checkpoint/fingerprint.hpp"
#include "checkpoint/list_references.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr int kVersion = 1;
const char* const kKind = "md";

/// A potential that has not built its lists yet has nothing to restore. (Not every list has positions: wave vectors
/// depend on the cell alone.)
void restore_built_lists(Potential& potential, const Batch& batch, std::span<const ListReference> lists) {
  if (std::any_of(lists.begin(), lists.end(), [](const ListReference& list) { return list.cells.empty(); })) return;
  if (!lists.empty()) potential.restore_lists(batch, lists);
}

}  // namespace

std::vector<StateArray> state_arrays(MdSystem& system, Integrator& integrator) {
  std::vector<StateArray> arrays{{"positions", &system.batch.positions},
                                 {"cells", &system.batch.cells},
                                 {"velocities", &system.velocities},
                                 {"forces", &system.evaluation.forces},
                                 {"virials", &system.evaluation.virials}};
  for (const StateArray& array : integrator.state()) arrays.push_back(array);
  return arrays;
}

BlockStart::BlockStart(const Context& context) : context_(&context), n_steps_done_(context), diverged_at_(context) {}

void BlockStart::save(MdSystem& system, std::span<const StateArray> arrays, Potential& potential) {
  while (values_.size() < arrays.size()) values_.emplace_back(*context_);
  for (std::size_t k = 0; k < arrays.size(); ++k) values_[k].copy_from(*arrays[k].values);
  n_steps_done_.copy_from(system.n_steps_done);
  diverged_at_.copy_from(system.diverged_at);
  lists_ = potential.list_references();
}

void BlockStart::restore(MdSystem& system, std::span<const StateArray> arrays, Potential& potential) const {
  for (std::size_t k = 0; k < arrays.size(); ++k) arrays[k].values->copy_from(values_[k]);
  system.n_steps_done.copy_from(n_steps_done_);
  system.diverged_at.copy_from(diverged_at_);
  restore_built_lists(potential, system.batch, lists_);
}

std::int64_t request_fingerprint(std::span<const Structure> structures, const MdOptions& options,
                                 std::int64_t calculation) {
  Fingerprint f;
  f.add(calculation);
  f.add(options.ensemble);
  f.add(options.timestep_fs);
  f.add(options.temperatures_k);
  f.add(options.pressures_eV_A3);
  f.add(options.friction_per_fs);
  f.add(options.thermostat_time_fs);
  f.add(options.barostat_time_fs);
  f.add(options.chain_length);
  f.add(options.seed);
  f.add(options.first_structure);
  f.add(options.velocities);
  f.add(options.masses);
  f.add(options.fixed_atoms);
  f.add(options.sample_interval);
  f.add(options.frame_interval);
  for (const TrajectoryPlan& plan : options.trajectories) {
    f.add(plan.structure);
    f.add(plan.format);
    f.add(plan.interval_steps);
  }
  for (const Structure& structure : structures) f.add(structure);
  return f.value();
}

Checkpoint make_md_checkpoint(std::int64_t fingerprint, const MdProgress& progress, MdSystem& system,
                              std::span<const StateArray> arrays, const Potential& potential) {
  Checkpoint checkpoint(kKind, kVersion);
  checkpoint.put("request", fingerprint);
  checkpoint.put("step", progress.step);
  checkpoint.put("good_steps", std::span<const std::int64_t>(progress.good_steps));
  checkpoint.put("good_energies", std::span<const double>(progress.good_energies));
  checkpoint.put("trajectory_bytes", std::span<const std::int64_t>(progress.trajectory_bytes));
  for (const StateArray& array : arrays) checkpoint.put(array.name, array.values->to_host());
  checkpoint.put("good_positions", system.good_positions.to_host());
  checkpoint.put("good_velocities", system.good_velocities.to_host());
  checkpoint.put("good_cells", system.good_cells.to_host());
  checkpoint.put("diverged_at", system.diverged_at.to_host());
  put_lists(checkpoint, potential.list_references());
  return checkpoint;
}

MdProgress restore_md_checkpoint(const std::filesystem::path& path, std::int64_t fingerprint,
                                 std::size_t n_trajectories, MdSystem& system, std::span<const StateArray> arrays,
                                 Potential& potential) {
  const Checkpoint checkpoint = read_checkpoint(path, kKind, kVersion);
  if (checkpoint.integer("request") != fingerprint) {
    throw KernelError(ErrorCode::bad_checkpoint, path.string() +
                                                     " was written by a run of other structures, with other options or "
                                                     "another potential; repeat that request, or " +
                                                     "start anew with another checkpoint path");
  }
  const auto n_structures = static_cast<std::size_t>(system.batch.n_structures);
  MdProgress progress;
  progress.step = checkpoint.integer("step");
  progress.good_steps = checkpoint.integers("good_steps", n_structures);
  progress.good_energies = checkpoint.doubles("good_energies", n_structures);
  progress.trajectory_bytes = checkpoint.integers("trajectory_bytes", n_trajectories);
  for (const StateArray& array : arrays) array.values->upload(checkpoint.doubles(array.name, array.values->size()));
  system.good_positions.upload(checkpoint.doubles("good_positions", system.good_positions.size()));
  system.good_velocities.upload(checkpoint.doubles("good_velocities", system.good_velocities.size()));
  system.good_cells.upload(checkpoint.doubles("good_cells", system.good_cells.size()));
  system.diverged_at.upload(checkpoint.integers("diverged_at", n_structures));
  system.n_steps_done.upload(std::vector<std::int64_t>{progress.step});
  restore_built_lists(potential, system.batch, lists_of(checkpoint));
  return progress;
}

}  // namespace mofkernel::MOFK_NS
