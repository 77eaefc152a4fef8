// Extended XYZ, as much of it as `mofkernel evaluate` needs: one frame, read only.
#pragma once

#include <string>
#include <string_view>

#include "geometry/element_symbols.hpp"
#include "geometry/structure.hpp"

namespace mofkernel::cli {

/// Takes Lattice, pbc and Properties (species:S:1 or Z:I:1, pos:R:3, initial_charges:R:1; other columns are skipped).
/// Without Lattice nothing is periodic; without Properties the columns are species and position. Throws
/// KernelError(bad_structure) naming the line.
Structure parse_extxyz(std::string_view text);

/// Throws KernelError(bad_request) when the file cannot be read.
Structure read_extxyz(const std::string& path);

using mofkernel::atomic_number_of;

}  // namespace mofkernel::cli
