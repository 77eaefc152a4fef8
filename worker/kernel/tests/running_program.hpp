// mofkernel as a child whose lines of output are read one by one; it can be killed in between. POSIX only.
#pragma once

#include <cstdio>

#include "child_process.hpp"

namespace mofkernel {

class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments)
      : child_(arguments, kRoomForSomeLines),
        lines_(fdopen(fcntl(child_.stdout_descriptor(), F_DUPFD_CLOEXEC, 0), "r")) {}
  ~RunningProgram() { std::fclose(lines_); }
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

  void signal(int number) const { child_.signal(number); }

  /// Reads what is left. The exit code, or minus the signal that ended it.
  int wait() {
    while (read_line()) {
    }
    return child_.wait();
  }

 private:
  /// So that it waits for its reader before it has gone far, and not only when everything is over.
  static constexpr int kRoomForSomeLines = 16384;

  ChildProcess child_;
  std::FILE* lines_;
};

}  // namespace mofkernel
