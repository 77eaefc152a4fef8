// What the outside wants of a run that goes step by step: when to stop, where to keep its state.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace mofkernel {

/// Why a run ended before its own end.
enum class StopReason { none, cancelled, deadline };

struct CheckpointPlan {
  std::filesystem::path path{};  ///< empty: no checkpoint is written
  /// A checkpoint is due when either interval has passed since the last one; 0 = never for that reason. One is always
  /// written at the end of a run, however it ended.
  int interval_steps = 0;
  double interval_seconds = 0;
  /// Go on from `path` when the file is there; a damaged or foreign one is an error, a missing one a fresh start.
  bool resume = false;
  /// Tells calculations apart that a driver cannot: the engine's fingerprint of potential, precision and charges.
  std::int64_t calculation = 0;
};

struct RunControl {
  std::function<bool()> is_cancelled = [] { return false; };
  std::optional<std::chrono::steady_clock::time_point> deadline{};
  CheckpointPlan checkpoint{};

  /// Asked once per step.
  [[nodiscard]] StopReason stop_reason() const {
    if (is_cancelled()) return StopReason::cancelled;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return StopReason::deadline;
    return StopReason::none;
  }
};

}  // namespace mofkernel
