#include "cli/run_report.hpp"

#include <cstdio>
#include <utility>

namespace mofkernel::cli {

json::Object named(const char* type, json::Object members) {
  members.insert(members.begin(), {"type", type});
  return members;
}

void print_line(const json::Object& object) {
  std::printf("%s\n", json::write(object).c_str());
  std::fflush(stdout);
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::fprintf(stderr, "mofkernel: warning: %s\n", warning.c_str());
}

void append_time(json::Object& summary, const RunTime& time) {
  constexpr double kNsPerSecond = 1e9;
  const double n_atom_steps = static_cast<double>(time.n_steps) * time.n_atoms;
  summary.push_back({"n_atoms", time.n_atoms});
  summary.push_back({"wall_seconds", time.seconds});
  summary.push_back({"ns_per_atom_step",
                     n_atom_steps > 0 ? json::Value(kNsPerSecond * time.seconds_of_steps / n_atom_steps) : nullptr});
}

}  // namespace mofkernel::cli
