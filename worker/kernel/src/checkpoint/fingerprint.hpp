// A number that tells runs apart: a checkpoint is continued only by the request that wrote it.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel {

/// FNV-1a, 64 bits, over the bytes of what is added. Source: Fowler, Noll, Vo, RFC 9923.
class Fingerprint {
 public:
  template <class T>
    requires(std::is_floating_point_v<T> || std::is_integral_v<T> || std::is_enum_v<T>)
  void add(T value) {
    unsigned char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    for (const unsigned char byte : bytes) state_ = (state_ ^ byte) * 0x100000001b3U;
  }
  template <class T, std::size_t n>
  void add(const std::array<T, n>& values) {
    for (const T& value : values) add(value);
  }
  /// Its length counts, too: so that no two lists run into each other.
  template <class T>
  void add(std::span<const T> values) {
    add(values.size());
    for (const T& value : values) add(value);
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add(std::span<const T>(values));
  }
  /// Without its charges, which not every calculation looks at.
  void add(const Structure& structure) {
    add(structure.cell);
    add(structure.pbc);
    add(structure.positions);
    add(structure.atomic_numbers);
  }
  [[nodiscard]] std::int64_t value() const { return std::bit_cast<std::int64_t>(state_); }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace mofkernel
