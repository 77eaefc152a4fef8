// Numbers as the bytes of our binary files: little-endian, one after another.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mofkernel {

static_assert(std::endian::native == std::endian::little, "the files are little-endian, and so must the machine be");

using Bytes = std::vector<std::byte>;

template <class T>
void append_values(Bytes& bytes, std::span<const T> values) {
  static_assert(std::is_arithmetic_v<T>);
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size_bytes());
}

template <class T>
void append_value(Bytes& bytes, T value) {
  append_values(bytes, std::span<const T>(&value, 1));
}

inline void append_text(Bytes& bytes, std::string_view text) {
  append_values(bytes, std::span<const char>(text.data(), text.size()));
}

/// `n` numbers that start at `offset`; the caller has checked that they are there.
template <class T>
std::vector<T> values_at(std::span<const std::byte> bytes, std::size_t offset, std::size_t n) {
  static_assert(std::is_arithmetic_v<T>);
  std::vector<T> values(n);
  if (n > 0) std::memcpy(values.data(), bytes.data() + offset, n * sizeof(T));
  return values;
}

template <class T>
T value_at(std::span<const std::byte> bytes, std::size_t offset) {
  return values_at<T>(bytes, offset, 1).front();
}

}  // namespace mofkernel
