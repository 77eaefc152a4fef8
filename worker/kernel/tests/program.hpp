// mofkernel as a child that is spoken to in frames. POSIX only.
#pragma once

#include <array>
#include <chrono>
#include <poll.h>
#include <thread>

#include "child_process.hpp"
#include "conversation.hpp"

namespace mofkernel::protocol {

/// How long an answer may take.
inline constexpr auto kPatience = std::chrono::seconds(20);

class Program : private ByteSource {
 public:
  explicit Program(const std::vector<std::string>& arguments, int room_bytes = 0)
      : child_(arguments, room_bytes), answers_(*this) {}

  void send(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto n = ::write(child_.stdin_descriptor(), bytes.data(), bytes.size());
      if (n <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  std::optional<Frame> receive() { return answers_.read(); }

  std::string read_all() {
    std::string text;
    std::array<std::byte, 4096> chunk;
    while (const std::size_t n = read(chunk)) text.append(reinterpret_cast<const char*>(chunk.data()), n);
    return text;
  }

  void close_stdin() { child_.close_stdin(); }
  void close_stdout() { child_.close_stdout(); }
  void signal(int number) const { child_.signal(number); }

  /// The exit code; -signal when a signal ended it, -1000 when it does not end.
  int wait() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (const auto exit_code = child_.ended()) return *exit_code;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return -1000;
  }

 private:
  std::size_t read(std::span<std::byte> into) override {
    pollfd waiting{child_.stdout_descriptor(), POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1)
      throw std::runtime_error("no answer");
    const auto n = ::read(child_.stdout_descriptor(), into.data(), into.size());
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  ChildProcess child_;
  FrameReader answers_;
};

}  // namespace mofkernel::protocol
