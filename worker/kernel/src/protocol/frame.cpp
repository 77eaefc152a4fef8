#include "protocol/frame.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

namespace mofkernel::protocol {
namespace {

static_assert(std::endian::native == std::endian::little, "the protocol's arrays are little-endian");

constexpr std::size_t kChunkBytes = 256UL << 10U;
constexpr std::size_t kMaxHeaderValues = 1'000'000;

struct ArrayHeader {
  std::string name;
  Dtype dtype = Dtype::f64;
  std::vector<std::size_t> shape;
  std::size_t n_bytes = 0;
};

Dtype parse_dtype(const std::string& name) {
  for (const Dtype dtype : {Dtype::f64, Dtype::f32, Dtype::i32, Dtype::u8}) {
    if (name == dtype_name(dtype)) return dtype;
  }
  throw KernelError(ErrorCode::bad_request, "there is no dtype \"" + name + "\"; use f64, f32, i32 or u8");
}

std::size_t parse_size(const json::Value& value, std::size_t largest, const std::string& what) {
  const std::int64_t size = value.integer();
  if (size < 0 || static_cast<std::uint64_t>(size) > largest) {
    throw KernelError(ErrorCode::bad_request,
                      what + " is " + std::to_string(size) + ", allowed is 0 to " + std::to_string(largest));
  }
  return static_cast<std::size_t>(size);
}

ArrayHeader parse_array_header(const json::Value& value) {
  for (const json::Member& member : value.object()) {
    if (member.key != "name" && member.key != "dtype" && member.key != "shape") {
      throw KernelError(ErrorCode::bad_request, "an array's header has the unknown member \"" + member.key + "\"");
    }
  }
  ArrayHeader header{value.at("name").text(), parse_dtype(value.at("dtype").text()), {}, 0};
  if (header.name.empty() || header.name.size() > kMaxNameBytes) {
    throw KernelError(ErrorCode::bad_request, "an array's name has 1 to " + std::to_string(kMaxNameBytes) + " bytes");
  }
  if (value.at("shape").array().size() > kMaxArrayDimensions) {
    throw KernelError(ErrorCode::bad_request, "array " + header.name + " has more than 4 dimensions");
  }
  header.n_bytes = dtype_bytes(header.dtype);
  for (const json::Value& extent : value.at("shape").array()) {
    // Both factors are at most 2^31: the product cannot overflow before it is refused.
    header.shape.push_back(parse_size(extent, kMaxPayloadBytes, "an extent of array " + header.name));
    header.n_bytes *= header.shape.back();
    if (header.n_bytes > kMaxPayloadBytes) {
      throw KernelError(ErrorCode::bad_request, "array " + header.name + " is larger than the largest payload, 2 GiB");
    }
  }
  return header;
}

std::vector<ArrayHeader> parse_array_headers(const json::Value& header, std::size_t payload_bytes) {
  std::vector<ArrayHeader> arrays;
  std::size_t n_bytes = 0;
  if (const json::Value* list = header.find("arrays")) {
    for (const json::Value& entry : list->array()) {
      arrays.push_back(parse_array_header(entry));
      n_bytes += arrays.back().n_bytes;
    }
  }
  if (n_bytes != payload_bytes) {
    throw KernelError(ErrorCode::bad_request, "the arrays of the frame take " + std::to_string(n_bytes) +
                                                  " bytes, its payload has " + std::to_string(payload_bytes));
  }
  return arrays;
}

}  // namespace

const char* dtype_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
      return "f64";
    case Dtype::f32:
      return "f32";
    case Dtype::i32:
      return "i32";
    case Dtype::u8:
      return "u8";
  }
  return "u8";
}

std::size_t dtype_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
      return 8;
    case Dtype::f32:
    case Dtype::i32:
      return 4;
    case Dtype::u8:
      return 1;
  }
  return 1;
}

std::optional<std::string> Frame::id() const {
  if (!header.is_object()) return std::nullopt;
  const json::Value* id = header.find("id");
  if (id == nullptr || !id->is_text() || id->text().empty() || id->text().size() > kMaxNameBytes) return std::nullopt;
  return id->text();
}

FrameReader::FrameReader(ByteSource& source) : source_(source), chunk_(kChunkBytes) {}

bool FrameReader::refill() {
  if (chunk_at_ < chunk_end_) return true;
  chunk_at_ = 0;
  chunk_end_ = source_.read(chunk_);
  return chunk_end_ > 0;
}

std::optional<std::string> FrameReader::read_line() {
  std::string line;
  while (refill()) {
    const std::string_view text(reinterpret_cast<const char*>(chunk_.data()) + chunk_at_, chunk_end_ - chunk_at_);
    const std::size_t newline = text.find('\n');
    const std::string_view part = text.substr(0, newline);
    if (line.size() + part.size() > kMaxHeaderBytes) {
      throw FrameError("a header line is longer than 16 MiB: this is not a stream of frames", std::nullopt, true);
    }
    line.append(part);
    if (newline != std::string_view::npos) {
      chunk_at_ += newline + 1;
      return line;
    }
    chunk_at_ = chunk_end_;
  }
  if (line.empty()) return std::nullopt;
  throw FrameError("the stream ended inside a header line", std::nullopt, true);
}

std::vector<std::byte> FrameReader::read_bytes(std::size_t n_bytes) {
  std::vector<std::byte> bytes;
  while (bytes.size() < n_bytes) {
    if (!refill()) {
      throw FrameError("the stream ended inside a payload, " + std::to_string(n_bytes - bytes.size()) + " bytes early",
                       std::nullopt, true);
    }
    const std::size_t n = std::min(n_bytes - bytes.size(), chunk_end_ - chunk_at_);
    const auto* const start = chunk_.data() + chunk_at_;
    bytes.insert(bytes.end(), start, start + n);
    chunk_at_ += n;
  }
  return bytes;
}

void FrameReader::skip_bytes(std::size_t n_bytes) {
  while (n_bytes > 0 && refill()) {
    const std::size_t n = std::min(n_bytes, chunk_end_ - chunk_at_);
    chunk_at_ += n;
    n_bytes -= n;
  }
}

std::optional<Frame> FrameReader::read() {
  const std::optional<std::string> line = read_line();
  if (!line) return std::nullopt;
  Frame frame;
  std::size_t payload_bytes = 0;
  try {
    frame.header = json::parse(*line, {.depth = 16, .n_values = kMaxHeaderValues});
    if (const json::Value* declared = frame.header.find("payload_bytes")) {
      payload_bytes = parse_size(*declared, kMaxPayloadBytes, "payload_bytes");
    }
  } catch (const KernelError& error) {
    throw FrameError(std::string("this is not a frame's header: ") + error.what(), frame.id(), true);
  }
  std::vector<ArrayHeader> headers;
  try {
    headers = parse_array_headers(frame.header, payload_bytes);
  } catch (const KernelError& error) {
    skip_bytes(payload_bytes);
    throw FrameError(error.what(), frame.id(), false);
  }
  for (ArrayHeader& header : headers) {
    frame.arrays.push_back({std::move(header.name), header.dtype, std::move(header.shape), read_bytes(header.n_bytes)});
  }
  return frame;
}

std::vector<std::byte> encode_frame(json::Object header, std::span<const Array> arrays) {
  json::Array array_headers;
  std::size_t payload_bytes = 0;
  for (const Array& array : arrays) {
    std::size_t n_bytes = dtype_bytes(array.dtype);
    json::Array shape;
    for (const std::size_t extent : array.shape) {
      n_bytes *= extent;
      shape.emplace_back(extent);
    }
    if (n_bytes != array.bytes.size())
      throw KernelError(ErrorCode::internal, "array " + array.name + " does not have its shape");
    payload_bytes += n_bytes;
    array_headers.emplace_back(
        json::Object{{"name", array.name}, {"dtype", dtype_name(array.dtype)}, {"shape", std::move(shape)}});
  }
  if (payload_bytes > kMaxPayloadBytes) {
    throw KernelError(ErrorCode::unsupported,
                      "the result is larger than the largest payload, 2 GiB; send smaller batches");
  }
  header.push_back({"arrays", std::move(array_headers)});
  header.push_back({"payload_bytes", payload_bytes});
  const std::string line = json::write(header) + "\n";
  const auto line_bytes = std::as_bytes(std::span(line));
  std::vector<std::byte> bytes;
  bytes.reserve(line.size() + payload_bytes);
  bytes.insert(bytes.end(), line_bytes.begin(), line_bytes.end());
  for (const Array& array : arrays) bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
  return bytes;
}

}  // namespace mofkernel::protocol
