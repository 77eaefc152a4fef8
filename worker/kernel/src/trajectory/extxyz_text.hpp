// The parts of an extended XYZ frame, appended to a text.
#pragma once

#include <array>
#include <string>

namespace mofkernel {

/// The shortest text that gives the same double again.
void append_exact(std::string& out, double value);

/// " x y z", exact.
void append_columns(std::string& out, const std::array<double, 3>& vector);

/// " x y z", each number rounded to so many decimals, at most 15.
void append_rounded_columns(std::string& out, const std::array<double, 3>& vector, int n_decimals);

/// " key=value", exact.
void append_key(std::string& out, const char* key, double value);

/// `Lattice="…" ` with exact numbers; nothing when no axis is periodic.
void append_lattice(std::string& out, const std::array<std::array<double, 3>, 3>& cell, const std::array<bool, 3>& pbc);

/// ` stress="…"`: nine numbers, row-major, eV/A^3, positive = tensile, as ASE has it.
void append_stress(std::string& out, const std::array<double, 9>& stress);

/// ` pbc="T T F"`.
void append_pbc(std::string& out, const std::array<bool, 3>& pbc);

}  // namespace mofkernel
