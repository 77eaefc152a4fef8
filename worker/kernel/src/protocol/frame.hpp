// Frames of the protocol: one line of JSON, then the arrays it announces as raw little-endian bytes. The law is
// contracts/kernel-message.ts, the prose docs/protocol.md. Nothing here knows what a message means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "protocol/json.hpp"

namespace mofkernel::protocol {

inline constexpr int kProtocolVersion = 2;
inline constexpr std::size_t kMaxHeaderBytes = 16UL << 20U;
inline constexpr std::size_t kMaxPayloadBytes = 2UL << 30U;
inline constexpr std::size_t kMaxArrayDimensions = 4;
inline constexpr std::size_t kMaxNameBytes = 64;

enum class Dtype { f64, f32, i32, u8 };

const char* dtype_name(Dtype dtype);
std::size_t dtype_bytes(Dtype dtype);

template <class T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, double>) {
    return Dtype::f64;
  } else if constexpr (std::is_same_v<T, float>) {
    return Dtype::f32;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    return Dtype::i32;
  } else {
    static_assert(std::is_same_v<T, std::uint8_t>, "the protocol has no such element type");
    return Dtype::u8;
  }
}

/// A named array, row-major.
struct Array {
  std::string name;
  Dtype dtype = Dtype::f64;
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;

  /// `values` may be elements or fixed-size rows of them; the product of `shape` counts the elements.
  template <class Element, class Row>
  static Array make(std::string name, std::vector<std::size_t> shape, std::span<const Row> values) {
    static_assert(sizeof(Row) % sizeof(Element) == 0 && std::is_trivially_copyable_v<Row>);
    const auto bytes = std::as_bytes(values);
    return {std::move(name), dtype_of<Element>(), std::move(shape), {bytes.begin(), bytes.end()}};
  }

  /// The content as elements or rows of them; throws KernelError(internal) when the bytes do not divide.
  template <class Row>
  [[nodiscard]] std::vector<Row> rows() const {
    static_assert(std::is_trivially_copyable_v<Row>);
    if (bytes.size() % sizeof(Row) != 0)
      throw KernelError(ErrorCode::internal, "array " + name + " does not divide into rows");
    std::vector<Row> out(bytes.size() / sizeof(Row));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
};

struct Frame {
  json::Value header;
  std::vector<Array> arrays;

  /// The header's id when it has a usable one.
  [[nodiscard]] std::optional<std::string> id() const;
};

/// Where bytes come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Waits for at least one byte; returns how many were put at the start of `into`, 0 at the end.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// A frame that cannot be accepted.
class FrameError : public KernelError {
 public:
  FrameError(const std::string& message, std::optional<std::string> id, bool is_fatal)
      : KernelError(ErrorCode::bad_request, message), id_(std::move(id)), is_fatal_(is_fatal) {}

  [[nodiscard]] const std::optional<std::string>& id() const { return id_; }
  /// The next frame's start is not known: nothing more can be read from the stream.
  [[nodiscard]] bool is_fatal() const { return is_fatal_; }

 private:
  std::optional<std::string> id_;
  bool is_fatal_;
};

/// Cuts a stream into frames. Memory grows with the bytes that arrive, never with the size that a header declares.
class FrameReader {
 public:
  explicit FrameReader(ByteSource& source);
  /// The next frame, or nothing when the stream ends between two frames. Throws FrameError.
  std::optional<Frame> read();

 private:
  std::optional<std::string> read_line();
  std::vector<std::byte> read_bytes(std::size_t n_bytes);
  void skip_bytes(std::size_t n_bytes);
  [[nodiscard]] bool refill();

  ByteSource& source_;
  std::vector<std::byte> chunk_;
  std::size_t chunk_at_ = 0;
  std::size_t chunk_end_ = 0;
};

/// The bytes of a frame; `header` is the message without `arrays` and `payload_bytes`.
std::vector<std::byte> encode_frame(json::Object header, std::span<const Array> arrays = {});

}  // namespace mofkernel::protocol
