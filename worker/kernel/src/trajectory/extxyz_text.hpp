// The parts of an extended XYZ frame, appended to a text.
#pragma once

#include <array>
#include <string>

namespace mofkernel {

/// A number of digits that gives the same double again.
inline constexpr int kEveryDigit = 17;

/// The shortest text that gives the same double again.
void append_exact(std::string& out, double value);

/// " x y z", each number with so many significant digits, or its shortest exact text for kEveryDigit.
void append_columns(std::string& out, const std::array<double, 3>& vector, int n_digits);

/// " key=value", exact.
void append_key(std::string& out, const char* key, double value);

/// `Lattice="…" ` with exact numbers; nothing when no axis is periodic.
void append_lattice(std::string& out, const std::array<std::array<double, 3>, 3>& cell, const std::array<bool, 3>& pbc);

/// ` stress="…"`: nine numbers, row-major, eV/A^3, positive = tensile, as ASE has it.
void append_stress(std::string& out, const std::array<double, 9>& stress);

/// ` pbc="T T F"`.
void append_pbc(std::string& out, const std::array<bool, 3>& pbc);

}  // namespace mofkernel
