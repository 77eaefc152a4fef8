// What runs by hand print: lines of JSON on stdout, warnings on stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/run_options.hpp"
#include "protocol/json.hpp"

namespace mofkernel::cli {

/// `members` after a member `type`.
json::Object named(const char* type, json::Object members);

/// One line, written at once: whoever reads along, or kills the run, has it.
void print_line(const json::Object& object);

void print_warnings(const std::vector<std::string>& warnings);

/// n_atoms, wall_seconds and, of the time spent on steps, ns_per_atom_step (null without a step).
void append_time(json::Object& summary, const RunTime& time);

}  // namespace mofkernel::cli
