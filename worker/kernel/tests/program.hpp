// mofkernel as a child with pipes on its stdin and stdout, spoken to in frames. POSIX only.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "conversation.hpp"

namespace mofkernel::protocol {

/// How long an answer may take.
inline constexpr auto kPatience = std::chrono::seconds(20);

/// mofkernel with pipes on stdin and stdout.
class Program : private ByteSource {
 public:
  /// `room_bytes` on its stdout, beyond which it waits for its reader; 0: as the system has it.
  explicit Program(const std::vector<std::string>& arguments, [[maybe_unused]] int room_bytes = 0) : answers_(*this) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    // Close-on-exec, so that a program started later does not keep an earlier one's stdin open.
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
#ifdef F_SETPIPE_SZ
    if (room_bytes > 0) fcntl(out[1], F_SETPIPE_SZ, room_bytes);
#endif
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      std::vector<char*> words{const_cast<char*>(MOFK_PROGRAM)};
      for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      execv(MOFK_PROGRAM, words.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    stdout_ = out[0];
  }

  ~Program() override {
    close_stdin();
    close_stdout();
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void send(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto n = ::write(stdin_, bytes.data(), bytes.size());
      if (n <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  std::optional<Frame> receive() { return answers_.read(); }

  void signal(int number) const { kill(pid_, number); }

  std::string read_all() {
    std::string text;
    std::array<std::byte, 4096> chunk;
    while (const std::size_t n = read(chunk)) text.append(reinterpret_cast<const char*>(chunk.data()), n);
    return text;
  }

  void close_stdin() { close_once(stdin_); }
  void close_stdout() { close_once(stdout_); }

  /// The exit code; -signal when a signal ended it, -1000 when it does not end.
  int wait() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) return -1000;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  std::size_t read(std::span<std::byte> into) override {
    pollfd waiting{stdout_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1)
      throw std::runtime_error("no answer");
    const auto n = ::read(stdout_, into.data(), into.size());
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  static void close_once(int& descriptor) {
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }

  pid_t pid_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
  FrameReader answers_;
};

}  // namespace mofkernel::protocol
