#include "cli/stop_signal.hpp"

#include <csignal>

namespace mofkernel::cli {
namespace {

volatile std::sig_atomic_t signal_arrived = 0;

void remember_signal(int signal) {
  signal_arrived = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_stop_signals() {
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
}

bool has_stop_signal() { return signal_arrived != 0; }

}  // namespace mofkernel::cli
