// When the next checkpoint of a run is due.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/run_control.hpp"

namespace mofkernel {

class CheckpointClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// Counts from here: a run that starts, or that a checkpoint was just read for.
  CheckpointClock(const CheckpointPlan& plan, std::int64_t step, Clock::time_point now = Clock::now())
      : interval_steps_(plan.path.empty() ? 0 : plan.interval_steps),
        interval_seconds_(plan.path.empty() ? 0 : plan.interval_seconds),
        last_step_(step),
        last_time_(now) {}

  /// Asked after every step. A plan without intervals, or without a path, is never due: the checkpoint at the end of a
  /// run is its driver's business.
  [[nodiscard]] bool is_due(std::int64_t step, Clock::time_point now = Clock::now()) const {
    if (interval_steps_ > 0 && step - last_step_ >= interval_steps_) return true;
    return interval_seconds_ > 0 && std::chrono::duration<double>(now - last_time_).count() >= interval_seconds_;
  }

  /// After a checkpoint of this step was written. The time that writing took is not counted, so that a slow disk
  /// cannot make the run write checkpoints and nothing else.
  void restart(std::int64_t step, Clock::time_point now = Clock::now()) {
    last_step_ = step;
    last_time_ = now;
  }

 private:
  int interval_steps_;
  double interval_seconds_;
  std::int64_t last_step_;
  Clock::time_point last_time_;
};

}  // namespace mofkernel
