// Ctrl-C as a wish, not an end: a run stops between two steps and keeps its state.
#pragma once

namespace mofkernel::cli {

/// From now on the first SIGINT or SIGTERM is remembered; the second ends the process as if nobody had asked.
void watch_stop_signals();

/// Has such a signal arrived?
bool has_stop_signal();

}  // namespace mofkernel::cli
