// The checksum of our binary files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mofkernel {

/// CRC-32 of IEEE 802.3 (reflected polynomial EDB88320, start and final xor FFFFFFFF), the one of zlib, PNG and gzip:
/// whoever reads our files finds it in the standard library of Python and of Node. Every error within 32 adjacent bits,
/// so every wrong byte, is detected; any other damage goes unseen with a probability of 2^-32.
std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace mofkernel
