// mofkernel as a child whose lines of output are read one by one; it can be killed in between. POSIX only.
#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace mofkernel {

class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments) {
    std::array<int, 2> out{};
    if (pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
#ifdef F_SETPIPE_SZ
    // So that it waits for its reader before it has gone far, and not only when everything is over.
    constexpr int kRoomForSomeLines = 16384;
    fcntl(out[1], F_SETPIPE_SZ, kRoomForSomeLines);
#endif
    id_ = fork();
    if (id_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      std::vector<char*> words{const_cast<char*>(MOFK_PROGRAM)};
      for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      execv(MOFK_PROGRAM, words.data());
      _exit(127);
    }
    close(out[1]);
    lines_ = fdopen(out[0], "r");
  }
  ~RunningProgram() {
    if (id_ > 0) {
      signal(SIGKILL);
      (void)wait();
    }
    std::fclose(lines_);
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// Nothing at the end of the output.
  std::optional<std::string> read_line() {
    std::string line;
    for (int c = std::fgetc(lines_); c != EOF; c = std::fgetc(lines_)) {
      if (c == '\n') return line;
      line.push_back(static_cast<char>(c));
    }
    return std::nullopt;
  }

  void signal(int number) const { kill(id_, number); }

  /// Reads what is left. The exit code, or minus the signal that ended it.
  int wait() {
    while (read_line()) {
    }
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t id_ = -1;
  std::FILE* lines_ = nullptr;
};

}  // namespace mofkernel
