// What the integrators share: the batch that moves, its velocities and constants on the device, and which structures
// have gone wrong.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "dynamics/md.hpp"
#include "dynamics/prepare_md.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// An atom that moves further in one step, A, has left for good: its structure has diverged.
inline constexpr double kFarthestStep_A = 10;

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Constants of one structure.
struct MdConstants {
  double thermal_energy;  ///< k T of the thermostat, eV
  double pressure;        ///< of the barostat, eV/A^3
  double n_dof;           ///< degrees of freedom
};

/// An array of the state of a run, by its name in a checkpoint.
struct StateArray {
  std::string name;
  Buffer<double>* values;
};

struct MdSystem {
  const Context& context;
  Batch& batch;
  DeviceEvaluation& evaluation;
  double timestep;                    ///< fs
  Buffer<double> velocities;          ///< [n_atoms][3] A/fs
  Buffer<double> inertias;            ///< [n_atoms] eV fs^2/A^2
  Buffer<double> inverse_inertias;    ///< [n_atoms] 0 for a fixed atom
  Buffer<MdConstants> constants;      ///< [n_structures]
  Buffer<std::int64_t> n_steps_done;  ///< [1] on the device, so that a captured step can be replayed
  Buffer<std::int64_t> diverged_at;   ///< [n_structures] step in which it went wrong, or kNever
  Buffer<double> good_positions;      ///< [n_atoms][3] of the last good sample, to which a diverged structure returns
  Buffer<double> good_velocities;     ///< [n_atoms][3]
  Buffer<double> good_cells;          ///< [n_structures][9]

  MdSystem(const Context& device, Batch& structures, DeviceEvaluation& results, double timestep_fs,
           const MdStart& start);
};

/// Structure s went wrong in `step`. Threads that find it in the same step write the same number.
MOFK_HD inline void mark_diverged(std::int64_t* diverged_at, int s, std::int64_t step) {
#ifdef __CUDA_ARCH__
  if (diverged_at[s] == kNever) diverged_at[s] = step;
#else
  std::int64_t never = kNever;
  __atomic_compare_exchange_n(diverged_at + s, &never, step, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
#endif
}

/// Did structure s go wrong before `step`? Marks made in the step itself do not count, so that the answer does not
/// depend on the order of the threads.
MOFK_HD inline bool diverged_before(const std::int64_t* diverged_at, int s, std::int64_t step) {
#ifdef __CUDA_ARCH__
  return diverged_at[s] < step;
#else
  return __atomic_load_n(diverged_at + s, __ATOMIC_RELAXED) < step;
#endif
}

}  // namespace mofkernel::MOFK_NS
