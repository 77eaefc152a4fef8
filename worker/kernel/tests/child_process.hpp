// mofkernel as a child with pipes on its stdin and stdout; what goes through them is for others to say. POSIX only.
#pragma once

#include <array>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace mofkernel {

class ChildProcess {
 public:
  /// `room_bytes` on its stdout, beyond which it waits for its reader; 0: as the system has it.
  explicit ChildProcess(const std::vector<std::string>& arguments, [[maybe_unused]] int room_bytes = 0) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    // Close-on-exec, so that a program started later does not keep an earlier one's stdin open.
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
#ifdef F_SETPIPE_SZ
    if (room_bytes > 0) fcntl(out[1], F_SETPIPE_SZ, room_bytes);
#endif
    id_ = fork();
    if (id_ == 0) {
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
  ~ChildProcess() {
    close_stdin();
    close_stdout();
    if (id_ <= 0) return;
    signal(SIGKILL);
    (void)wait();
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] int stdin_descriptor() const { return stdin_; }
  [[nodiscard]] int stdout_descriptor() const { return stdout_; }
  void close_stdin() { close_once(stdin_); }
  void close_stdout() { close_once(stdout_); }

  void signal(int number) const { kill(id_, number); }

  /// The exit code, or minus the signal that ended it.
  int wait() { return *ended(0); }
  /// The same when it has ended.
  std::optional<int> ended() { return ended(WNOHANG); }

 private:
  std::optional<int> ended(int options) {
    int status = 0;
    if (waitpid(id_, &status, options) == 0) return std::nullopt;
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  static void close_once(int& descriptor) {
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }

  pid_t id_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
};

}  // namespace mofkernel
