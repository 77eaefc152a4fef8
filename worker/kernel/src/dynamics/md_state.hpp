// The state of a run: kept on the device while a block of steps may still have to be repeated, and in checkpoints.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "dynamics/integrator.hpp"
#include "dynamics/md_system.hpp"

namespace mofkernel::MOFK_NS {

/// All that the next step reads, and that a step changes.
std::vector<StateArray> state_arrays(MdSystem& system, Integrator& integrator);

/// A copy of the state on the device.
class BlockStart {
 public:
  explicit BlockStart(const Context& context);
  void save(MdSystem& system, std::span<const StateArray> arrays, Potential& potential);
  /// Back to what was saved, neighbor lists included, so that a repeated block gives the same bits as one that had room
  /// from the start.
  void restore(MdSystem& system, std::span<const StateArray> arrays, Potential& potential) const;

 private:
  const Context* context_;
  std::vector<Buffer<double>> values_;
  Buffer<std::int64_t> n_steps_done_;
  Buffer<std::int64_t> diverged_at_;
  std::vector<ListReference> lists_;
};

/// What the host knows of a run.
struct MdProgress {
  std::int64_t step = 0;
  std::vector<std::int64_t> good_steps;        ///< [n] step of the last good sample
  std::vector<double> good_energies;           ///< [n] potential energy there, eV
  std::vector<std::int64_t> trajectory_bytes;  ///< [n_trajectories]
};

/// A number that another request than this one would not have (but for n_steps, which may grow on resume).
std::int64_t request_fingerprint(std::span<const Structure> structures, const MdOptions& options,
                                 std::int64_t calculation);

Checkpoint make_md_checkpoint(std::int64_t fingerprint, const MdProgress& progress, MdSystem& system,
                              std::span<const StateArray> arrays, const Potential& potential);

/// Brings everything back. Throws KernelError(bad_checkpoint | file_error).
MdProgress restore_md_checkpoint(const std::filesystem::path& path, std::int64_t fingerprint,
                                 std::size_t n_trajectories, MdSystem& system, std::span<const StateArray> arrays,
                                 Potential& potential);

}  // namespace mofkernel::MOFK_NS
