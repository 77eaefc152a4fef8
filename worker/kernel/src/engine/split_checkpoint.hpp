// The checkpoint files of a batch that runs in parts: the file that was asked for holds the plan, `<file>.part-<n>` the
// state of the part that begins with structure n. Host only.
#pragma once

#include <span>
#include <vector>

#include "engine/batch_parts.hpp"
#include "engine/run_control.hpp"

namespace mofkernel {

class SplitCheckpoint {
 public:
  /// Takes the plan of the run that is resumed when there is one, and `plan` otherwise: parts that were laid out when
  /// more or less memory was free must stay as they are, or their states would not fit them.
  /// Throws KernelError(bad_checkpoint) for the plan of another batch, (file_error).
  SplitCheckpoint(const CheckpointPlan& asked, std::span<const Structure> structures, std::vector<Part> plan);

  [[nodiscard]] std::span<const Part> parts() const { return parts_; }

  /// Where `part` keeps its state.
  [[nodiscard]] CheckpointPlan plan_of(const Part& part) const;

  /// `part` ran out of memory and is repeated from its start as two: its state is given up, and the new plan kept.
  void replace(const Part& part, const Part& half, const Part& rest);

 private:
  void write() const;
  void forget_parts() const;
  [[nodiscard]] std::filesystem::path path_of(const Part& part) const;
  [[nodiscard]] bool is_whole(const Part& part) const { return part.n == n_structures_; }

  CheckpointPlan asked_;
  std::size_t n_structures_;
  std::vector<Part> parts_;
};

}  // namespace mofkernel
