// One conversation: requests in, answers out. A reader thread takes frames while the calling thread computes, so that a
// cancellation or the end of the input is seen at once.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/engine.hpp"
#include "protocol/frame.hpp"

namespace mofkernel::protocol {

/// Exit codes of a session.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadInput = 2;

/// The process at the other end of the pipes, and the way out of ours.
class Peer : public ByteSource {
 public:
  /// False when nobody reads any more.
  virtual bool write(std::span<const std::byte> bytes) = 0;
  /// Ends the process without waiting for a calculation. Where that is impossible it returns, and the session stops
  /// soon.
  virtual void leave(int exit_code) = 0;
};

struct Devices {
  std::function<DeviceList()> list = list_devices;
  std::function<std::unique_ptr<Engine>(const std::string& device, Precision precision)> make_engine =
      mofkernel::make_engine;
};

/// Says hello and serves requests one after another until the input ends. Returns the exit code.
int run_session(Peer& peer, const Devices& devices);

/// `serve` of the command line: a session on stdin and stdout that dies with its parent.
int serve_standard_streams();

}  // namespace mofkernel::protocol
