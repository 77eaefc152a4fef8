#include "optimizers/relax_state.hpp"

#include <string>

#include "checkpoint/fingerprint.hpp"
#include "checkpoint/list_references.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr std::size_t kNumbersOfProgress = 7;
const std::string kArrayPrefix = "state.";

[[noreturn]] void refuse(const std::string& why) {
  throw KernelError(ErrorCode::bad_checkpoint, "the checkpoint " + why + "; start anew");
}

/// Numbers of one structure's progress: is_active, end state, steps, largest forces (cell: -1 = none), enthalpies.
std::vector<double> to_numbers(const Progress& p) {
  return {p.is_active ? 1.0 : 0.0,  static_cast<double>(p.outcome.end_state),   static_cast<double>(p.outcome.steps),
          p.outcome.max_force_eV_A, p.outcome.max_cell_force_eV_A.value_or(-1), p.best_enthalpy,
          p.last_enthalpy};
}

Progress to_progress(const double* numbers) {
  Progress p;
  p.is_active = numbers[0] != 0;
  p.outcome.end_state = static_cast<RelaxEndState>(static_cast<int>(numbers[1]));
  p.outcome.steps = static_cast<int>(numbers[2]);
  p.outcome.max_force_eV_A = numbers[3];
  if (numbers[4] >= 0) p.outcome.max_cell_force_eV_A = numbers[4];
  p.best_enthalpy = numbers[5];
  p.last_enthalpy = numbers[6];
  return p;
}

}  // namespace

std::int64_t relax_fingerprint(std::span<const Structure> start, const RelaxOptions& options,
                               std::int64_t calculation) {
  Fingerprint f;
  f.add(calculation);
  f.add(options.optimizer);
  f.add(options.cell_mode);
  f.add(options.fmax_eV_A);
  f.add(options.pressures_eV_A3);
  f.add(options.fixed_atoms);
  f.add(options.symmetry.size());
  for (const std::vector<SymmetryOperation>& operations : options.symmetry) {
    f.add(operations.size());
    for (const SymmetryOperation& operation : operations) {
      f.add(operation.rotation);
      f.add(operation.permutation);
    }
  }
  for (const Structure& structure : start) f.add(structure);
  return f.value();
}

Checkpoint to_checkpoint(const RelaxState& state, std::span<const SavedArray> arrays) {
  Checkpoint checkpoint(kRelaxCheckpointKind, kRelaxCheckpointVersion);
  checkpoint.put("fingerprint", state.fingerprint);
  checkpoint.put("step", std::int64_t{state.step});
  std::vector<double> progress;
  for (const Progress& p : state.progress) {
    const std::vector<double> numbers = to_numbers(p);
    progress.insert(progress.end(), numbers.begin(), numbers.end());
  }
  checkpoint.put("progress", std::span<const double>(progress));
  std::vector<std::int64_t> is_member(state.progress.size(), 0);
  for (const int member : state.members) is_member[static_cast<std::size_t>(member)] = 1;
  checkpoint.put("is_member", std::span<const std::int64_t>(is_member));
  checkpoint.put("positions", std::span<const double>(state.positions));
  checkpoint.put("cells", std::span<const double>(state.cells));
  for (const SavedArray& array : arrays)
    checkpoint.put(kArrayPrefix + array.name, std::span<const double>(array.values));
  put_lists(checkpoint, state.lists);
  return checkpoint;
}

RelaxState read_state(const Checkpoint& checkpoint, std::int64_t fingerprint, std::size_t n_structures,
                      std::size_t n_atoms) {
  RelaxState state;
  state.fingerprint = checkpoint.integer("fingerprint");
  if (state.fingerprint != fingerprint)
    refuse("belongs to a relaxation of other structures, with other options or another potential");
  state.step = static_cast<int>(checkpoint.integer("step"));
  const std::vector<double> progress = checkpoint.doubles("progress", n_structures * kNumbersOfProgress);
  for (std::size_t s = 0; s < n_structures; ++s)
    state.progress.push_back(to_progress(progress.data() + s * kNumbersOfProgress));
  const std::vector<std::int64_t> is_member = checkpoint.integers("is_member", n_structures);
  for (std::size_t s = 0; s < n_structures; ++s) {
    if (is_member[s] != 0) state.members.push_back(static_cast<int>(s));
  }
  if (state.members.empty() || state.step < 0) refuse("makes no sense");
  state.positions = checkpoint.doubles("positions", 3 * n_atoms);
  state.cells = checkpoint.doubles("cells", 9 * n_structures);
  state.lists = lists_of(checkpoint);
  return state;
}

void read_arrays(const Checkpoint& checkpoint, std::vector<SavedArray>& arrays) {
  for (SavedArray& array : arrays) array.values = checkpoint.doubles(kArrayPrefix + array.name, array.values.size());
}

}  // namespace mofkernel::MOFK_NS
