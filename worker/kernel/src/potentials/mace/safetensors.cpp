#include "potentials/mace/safetensors.hpp"

#include <algorithm>
#include <cmath>

#include "errors.hpp"
#include "protocol/members.hpp"

namespace mofkernel::mace {
namespace {

constexpr std::size_t kLengthBytes = 8;
/// The header of a model with hundreds of tensors has some 50 kB.
constexpr std::size_t kMostHeaderBytes = 16 << 20;
constexpr std::size_t kMostDimensions = 8;

std::size_t size_of(TensorType type) { return type == TensorType::f64 ? 8 : 4; }

std::string text_of(const Shape& shape) {
  std::string text = "[";
  for (const std::size_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

/// Numbers of a shape, or `most` + 1 when they are more than that.
std::size_t count(const Shape& shape, std::size_t most) {
  std::size_t n = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && n > most / extent) return most + 1;
    n *= extent;
  }
  return n;
}

Shape read_sizes(const json::Value& list, std::size_t most_entries, const std::string& what) {
  if (list.array().size() > most_entries) refuse_files(what + " has too many entries");
  Shape sizes;
  for (const json::Value& value : list.array()) {
    if (value.integer() < 0) refuse_files(what + " has a negative entry");
    sizes.push_back(static_cast<std::size_t>(value.integer()));
  }
  return sizes;
}

template <class T>
std::vector<T> numbers(std::span<const std::byte> bytes) {
  return values_at<T>(bytes, 0, bytes.size() / sizeof(T));
}

std::vector<double> as_doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

}  // namespace

void refuse_files(const std::string& what) {
  throw KernelError(ErrorCode::file_error,
                    "The model cannot be read: " + what + ". Import the checkpoint again to write its files anew.");
}

TensorFile::TensorFile(Bytes bytes) : bytes_(std::move(bytes)) {
  if (bytes_.size() < kLengthBytes) refuse_files("the tensor file is cut off");
  const auto length = value_at<std::uint64_t>(bytes_, 0);
  if (length > bytes_.size() - kLengthBytes) refuse_files("the tensor file is cut off within its header");
  if (length > kMostHeaderBytes) refuse_files("the header of the tensor file is too long");
  data_start_ = kLengthBytes + static_cast<std::size_t>(length);
  try {
    read_header({reinterpret_cast<const char*>(bytes_.data()) + kLengthBytes, static_cast<std::size_t>(length)});
  } catch (const KernelError& error) {
    if (error.code() == ErrorCode::file_error) throw;
    refuse_files(std::string("the header of the tensor file: ") + error.what());
  }
  check_layout();
}

void TensorFile::read_header(std::string_view text) {
  const json::Value header = json::parse(text, {.depth = 8, .n_values = 1'000'000});
  for (const json::Member& member : header.object()) {
    if (member.key == "__metadata__") continue;
    const std::string what = "tensor \"" + member.key + "\"";
    protocol::Members members(member.value, what);
    const TensorType type =
        protocol::choose<TensorType>("the type of " + what, members.text("dtype"),
                                     {{"F64", TensorType::f64}, {"F32", TensorType::f32}, {"I32", TensorType::i32}});
    const Shape shape = read_sizes(members.at("shape"), kMostDimensions, "the shape of " + what);
    const Shape offsets = read_sizes(members.at("data_offsets"), 2, "the place of " + what);
    members.finish();
    const std::size_t n_bytes = bytes_.size() - data_start_;
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > n_bytes)
      refuse_files(what + " does not lie within the file, which may be cut off");
    const std::size_t most = n_bytes / size_of(type);
    const std::size_t n = count(shape, most);
    if (n > most || n * size_of(type) != offsets[1] - offsets[0]) refuse_files(what + " has not the size of its shape");
    entries_.emplace(member.key, Entry{type, shape, offsets[0], offsets[1]});
  }
}

void TensorFile::check_layout() const {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const auto& [name, entry] : entries_) places.emplace_back(entry.begin, entry.end);
  std::sort(places.begin(), places.end());
  std::size_t at = 0;
  for (const auto& [begin, end] : places) {
    if (begin != at) refuse_files("the tensors overlap or leave holes");
    at = end;
  }
  if (at != bytes_.size() - data_start_) refuse_files("there is something behind the last tensor");
}

const TensorFile::Entry& TensorFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) refuse_files("tensor \"" + name + "\" is missing");
  return found->second;
}

std::span<const std::byte> TensorFile::take_bytes(const std::string& name, const Shape& shape, TensorType type) {
  const Entry& found = entry(name);
  if (found.shape != shape)
    refuse_files("tensor \"" + name + "\" has the shape " + text_of(found.shape) + " instead of " + text_of(shape));
  if (found.type != type) refuse_files("tensor \"" + name + "\" has another type of numbers than it should");
  entries_.at(name).is_taken = true;
  return std::span<const std::byte>(bytes_).subspan(data_start_ + found.begin, found.end - found.begin);
}

Tensor TensorFile::take(const std::string& name, const Shape& shape, TensorType type) {
  const std::span<const std::byte> bytes = take_bytes(name, shape, type);
  Tensor tensor{shape, type == TensorType::f64 ? numbers<double>(bytes) : as_doubles(numbers<float>(bytes))};
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), [](double x) { return std::isfinite(x); }))
    refuse_files("tensor \"" + name + "\" holds a number that is not finite");
  return tensor;
}

std::vector<int> TensorFile::take_integers(const std::string& name, const Shape& shape) {
  return numbers<int>(take_bytes(name, shape, TensorType::i32));
}

void TensorFile::finish() const {
  for (const auto& [name, entry] : entries_) {
    if (!entry.is_taken) refuse_files("tensor \"" + name + "\" belongs to nothing that model.json tells of");
  }
}

}  // namespace mofkernel::mace
