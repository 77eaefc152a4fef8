// What `md` and `relax` share: the structure, the potential, the device, when to stop and where to keep the state.
#pragma once

#include <chrono>
#include <filesystem>

#include "cli/command_line.hpp"
#include "engine/engine.hpp"

namespace mofkernel::cli {

/// Exit codes of runs besides those of every command.
inline constexpr int kExitDeadline = 3;
inline constexpr int kExitInterrupted = 130;

struct RunOptions {
  Structure structure;
  PotentialSpec potential;
  std::string device = "cpu";
  Precision precision = Precision::float64;
  RunControl control;
  bool may_overwrite = false;
};

/// --threads: of the CPU, for the whole process. Throws KernelError(unsupported) in a build that has one thread.
void take_threads(Arguments& arguments);

/// Takes everything that is shared, reads the structure and starts the time until the deadline.
/// Throws KernelError(bad_request | bad_structure).
RunOptions take_run(Arguments& arguments);

/// Throws KernelError(bad_request) naming the option.
void check_positive(const char* name, double value);

/// Refuses to start a run that would overwrite a file of an earlier one. Throws KernelError(bad_request).
void check_free(const RunOptions& options, const std::filesystem::path& path);

/// --pressure-gpa as the engine wants it: one structure's pressure, eV/A^3.
std::vector<double> take_pressure(Arguments& arguments);

/// Wall time of a run that had `n_steps` left to do.
struct RunTime {
  double seconds = 0;
  double seconds_of_steps = 0;  ///< of these, spent on steps
  std::int64_t n_steps = 0;
  int n_atoms = 0;
};

class RunTimer {
 public:
  [[nodiscard]] RunTime elapsed(std::int64_t n_steps, int n_atoms) const {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    return {seconds, seconds, n_steps, n_atoms};
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace mofkernel::cli
