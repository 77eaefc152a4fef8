#include <string>
#include <vector>

#if defined(__linux__) && defined(_OPENMP)
#include <cstdlib>
#include <filesystem>
#include <unistd.h>
#endif

#include "cli/command_line.hpp"

namespace {

/// GNU OpenMP lets idle threads spin for milliseconds, which on a busy machine takes the processor from the thread that
/// they wait for: relaxing MOF-5 (424 atoms) with two threads took 19 s beside other work, and 0.24 s with spinning cut
/// to 1000 rounds. With 10000 (some 20 microseconds) a step of MOF-5 on an idle machine is 5 % faster than with 1000.
/// The library reads its settings before main() begins, so the program has to start itself once more; a user's own
/// settings stand, also those of where threads run: it has already bound this one to a single processor, and a second
/// start would see no other.
void limit_spinning([[maybe_unused]] char** argv) {
#if defined(__linux__) && defined(_OPENMP)
  for (const char* setting :
       {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"}) {
    if (std::getenv(setting) != nullptr) return;
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || setenv("GOMP_SPINCOUNT", "10000", 1) != 0) return;
  execv(program.c_str(), argv);  // returns only when it fails; then all works as before, only slower
#endif
}

}  // namespace

int main(int argc, char** argv) {
  limit_spinning(argv);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return mofkernel::cli::run(arguments);
}
