// Small pieces of text for messages about atoms.
#pragma once

#include <cstdint>
#include <string>

#include "geometry/structure.hpp"

namespace mofkernel::uff4mof {

/// "12 (Zn)": index and element.
std::string atom_name(const Structure& structure, std::int32_t atom);

/// Three decimals: "2.041".
std::string format_A(double length_A);

}  // namespace mofkernel::uff4mof
