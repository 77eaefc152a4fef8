// stdin and stdout of the process as a session's peer: all that depends on the operating system.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#else
#include <csignal>
#include <unistd.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "protocol/session.hpp"

namespace mofkernel::protocol {
namespace {

constexpr int kStdin = 0;
constexpr int kStdout = 1;
constexpr std::size_t kLargestTransfer = 1UL << 20U;

#ifdef _WIN32
void prepare_streams() {
  _setmode(kStdin, _O_BINARY);
  _setmode(kStdout, _O_BINARY);
}
auto read_some(void* into, std::size_t n) { return _read(kStdin, into, static_cast<unsigned>(n)); }
auto write_some(const void* from, std::size_t n) { return _write(kStdout, from, static_cast<unsigned>(n)); }
#else
void prepare_streams() {
  std::signal(SIGPIPE, SIG_IGN);  // a closed stdout shows as a failed write
#ifdef __linux__
  // Second line of defence: the end of stdin is the first.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}
auto read_some(void* into, std::size_t n) { return ::read(kStdin, into, n); }
auto write_some(const void* from, std::size_t n) { return ::write(kStdout, from, n); }
#endif

class StandardStreams : public Peer {
 public:
  StandardStreams() { prepare_streams(); }

  std::size_t read(std::span<std::byte> into) override {
    while (true) {
      const auto n = read_some(into.data(), std::min(into.size(), kLargestTransfer));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return 0;  // a stream that cannot be read has ended for us
    }
  }

  bool write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto n = write_some(bytes.data(), std::min(bytes.size(), kLargestTransfer));
      if (n > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(n));
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  // Not exit(): destructors would wait for the calculation that is being abandoned.
  void leave(int exit_code) override { std::_Exit(exit_code); }
};

}  // namespace

int serve_standard_streams() {
  StandardStreams streams;
  return run_session(streams, Devices{});
}

}  // namespace mofkernel::protocol
