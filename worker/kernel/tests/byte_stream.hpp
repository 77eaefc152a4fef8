// Bytes in memory as a source that hands them out in small pieces, as a pipe may.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "protocol/frame.hpp"

namespace mofkernel::protocol {

class ByteStream : public ByteSource {
 public:
  explicit ByteStream(std::vector<std::byte> bytes, std::size_t chunk = 4096)
      : bytes_(std::move(bytes)), chunk_(chunk) {}
  explicit ByteStream(std::string_view text) : chunk_(4096) {
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.assign(bytes.begin(), bytes.end());
  }

  std::size_t read(std::span<std::byte> into) override {
    const std::size_t n = std::min({into.size(), chunk_, bytes_.size() - at_});
    if (n > 0) std::memcpy(into.data(), bytes_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t chunk_;
  std::size_t at_ = 0;
};

}  // namespace mofkernel::protocol
