// The checksum by which files name each other.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mofkernel {

/// SHA-256 (NIST FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace mofkernel
