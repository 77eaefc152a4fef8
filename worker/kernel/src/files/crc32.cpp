#include "files/crc32.hpp"

#include <array>

namespace mofkernel {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;
constexpr std::size_t kSlices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

/// tables[k][b]: what byte b does to the checksum when k more bytes follow it ("slicing by 8": Kounavis and Berry,
/// IEEE Trans. Comput. 57, 1550 (2008)).
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0U);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t checksum = 0xFFFFFFFF;
  for (; bytes.size() >= kSlices; bytes = bytes.subspan(kSlices)) {
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < kSlices; ++k) {
      const std::uint32_t mixed = k < 4 ? (checksum >> (8 * k)) & 0xFFU : 0U;
      next ^= kTables[kSlices - 1 - k][std::to_integer<std::uint32_t>(bytes[k]) ^ mixed];
    }
    checksum = next;
  }
  for (const std::byte byte : bytes)
    checksum = (checksum >> 8U) ^ kTables[0][(checksum ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU];
  return ~checksum;
}

}  // namespace mofkernel
