// The options that name a potential, the same for every command that takes a structure.
#pragma once

#include "cli/command_line.hpp"
#include "engine/engine.hpp"

namespace mofkernel::cli {

/// --dialect, --cutoff, --fallback, --charges, --method, or --mace, --head, --d3. Throws KernelError(bad_request) for a
/// value that there is not.
PotentialSpec take_potential(Arguments& arguments);

}  // namespace mofkernel::cli
