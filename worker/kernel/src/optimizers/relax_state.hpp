// What a relaxation keeps in a checkpoint.
#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "optimizers/working_set.hpp"

namespace mofkernel::MOFK_NS {

/// A structure on its way.
struct Progress {
  bool is_active = true;
  RelaxOutcome outcome;
  double best_enthalpy = 0;
  double last_enthalpy = 0;
};

struct RelaxState {
  std::int64_t fingerprint = 0;
  int step = 0;
  std::vector<Progress> progress;    ///< [n_structures]
  std::vector<int> members;          ///< structures of the working set
  std::vector<double> positions;     ///< [n_atoms][3] of the structures that have left the working set
  std::vector<double> cells;         ///< [n_structures][9] of the same
  std::vector<ListReference> lists;  ///< of the working set's potential
};

inline constexpr char kRelaxCheckpointKind[] = "relax";
inline constexpr int kRelaxCheckpointVersion = 2;

/// Changes with everything that a relaxation that is resumed must share with the one that was stopped.
std::int64_t relax_fingerprint(std::span<const Structure> start, const RelaxOptions& options, std::int64_t calculation);

/// `arrays` are those of the working set.
Checkpoint to_checkpoint(const RelaxState& state, std::span<const SavedArray> arrays);

// Throw KernelError(bad_checkpoint) when something is missing, has another length, or makes no sense.
RelaxState read_state(const Checkpoint& checkpoint, std::int64_t fingerprint, std::size_t n_structures,
                      std::size_t n_atoms);
/// `arrays` come with the lengths that the working set expects.
void read_arrays(const Checkpoint& checkpoint, std::vector<SavedArray>& arrays);

}  // namespace mofkernel::MOFK_NS
