// The format is told in docs/trajectories.md.
#include "checkpoint/checkpoint.hpp"

#include <algorithm>
#include <string>

#include "errors.hpp"
#include "files/bytes.hpp"
#include "files/crc32.hpp"
#include "protocol/json.hpp"

namespace mofkernel {
namespace {

// A byte above 127, both kinds of line end and an end-of-file character, as in PNG: a file that went through a text
// conversion shows it at once.
constexpr std::string_view kMagic = "\x89MOFC\r\n\x1a";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kAlignment = 8;

/// Magic, format version, length of the JSON text, size of the file.
constexpr std::size_t kSizeOfStart = 24;
constexpr std::size_t kSizeOfChecksum = sizeof(std::uint32_t);
constexpr std::size_t kLargestText = std::size_t{1} << 24U;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why, const std::string& advice) {
  throw KernelError(ErrorCode::bad_checkpoint, path.string() + " " + why + "; " + advice);
}

[[noreturn]] void refuse_damaged(const std::filesystem::path& path, const std::string& why) {
  refuse(path, "is a damaged checkpoint: " + why, "delete it and start the run anew");
}

[[noreturn]] void refuse_value(std::string_view name, const std::string& why) {
  throw KernelError(ErrorCode::bad_checkpoint, "the checkpoint's value \"" + std::string(name) + "\" " + why +
                                                   "; it belongs to another run: start anew");
}

std::size_t n_values_of(const Checkpoint::Values& values) {
  return std::visit([](const auto& v) { return v.size(); }, values);
}

std::string describe(const Checkpoint& checkpoint) {
  json::Array entries;
  for (const auto& [name, values] : checkpoint.entries()) {
    const bool is_double = std::holds_alternative<std::vector<double>>(values);
    entries.emplace_back(
        json::Object{{"name", name}, {"type", is_double ? "f64" : "i64"}, {"n_values", n_values_of(values)}});
  }
  std::string text = json::write(json::Object{{"kind", checkpoint.kind()},
                                              {"version", checkpoint.version()},
                                              {"kernel_version", MOFK_VERSION},
                                              {"entries", std::move(entries)}});
  // The values behind it start at a multiple of their size, for readers that map the file.
  text.append((kAlignment - (text.size() + 1) % kAlignment) % kAlignment, ' ');
  text.push_back('\n');
  return text;
}

Bytes encode(const Checkpoint& checkpoint) {
  const std::string text = describe(checkpoint);
  if (text.size() > kLargestText) throw KernelError(ErrorCode::internal, "a checkpoint has too many values to name");
  std::size_t n_values = 0;
  for (const auto& entry : checkpoint.entries()) n_values += n_values_of(entry.second);
  const std::size_t size = kSizeOfStart + text.size() + n_values * sizeof(double) + kSizeOfChecksum;

  Bytes bytes;
  bytes.reserve(size);
  append_text(bytes, kMagic);
  append_value(bytes, kFormatVersion);
  append_value(bytes, static_cast<std::uint32_t>(text.size()));
  append_value(bytes, static_cast<std::uint64_t>(size));
  append_text(bytes, text);
  for (const auto& entry : checkpoint.entries())
    std::visit([&](const auto& values) { append_values(bytes, std::span(values)); }, entry.second);
  append_value(bytes, crc32(bytes));
  return bytes;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Before the rest is read: anything may have been named, of any size.
void check_start(std::span<const std::byte> start, const std::filesystem::path& path) {
  if (!as_text(start).starts_with(kMagic))
    refuse(path, "is no checkpoint of mofkernel", "name another file, or start anew");
  if (start.size() < kSizeOfStart) refuse_damaged(path, "it was cut off");
  const auto format = value_at<std::uint32_t>(start, 8);
  if (format != kFormatVersion) {
    refuse(path, "has format " + std::to_string(format) + ", this mofkernel reads format 1",
           "go on with the program that wrote it, or start anew");
  }
}

/// The JSON text of a file whose size and checksum are right.
std::string_view checked_text(std::span<const std::byte> bytes, const std::filesystem::path& path) {
  const auto declared = value_at<std::uint64_t>(bytes, 16);
  if (declared != bytes.size() || bytes.size() < kSizeOfStart + kSizeOfChecksum) {
    refuse_damaged(path, "it has " + std::to_string(bytes.size()) + " of " + std::to_string(declared) + " bytes");
  }
  const std::size_t end = bytes.size() - kSizeOfChecksum;
  if (value_at<std::uint32_t>(bytes, end) != crc32(bytes.first(end)))
    refuse_damaged(path, "its checksum does not match its content");
  const auto text_size = value_at<std::uint32_t>(bytes, 12);
  if (text_size > std::min(end - kSizeOfStart, kLargestText)) refuse_damaged(path, "its description is too long");
  return as_text(bytes).substr(kSizeOfStart, text_size);
}

void check_purpose(const json::Value& description, std::string_view kind, int version,
                   const std::filesystem::path& path) {
  const std::string& found_kind = description.at("kind").text();
  if (found_kind != kind) {
    refuse(path, "keeps a run of the kind \"" + found_kind + "\", not \"" + std::string(kind) + "\"",
           "name another file, or start anew");
  }
  const std::int64_t found_version = description.at("version").integer();
  if (found_version != version) {
    refuse(path,
           "was written by mofkernel " + description.at("kernel_version").text() + " in version " +
               std::to_string(found_version) + " of \"" + found_kind + "\", this mofkernel knows version " +
               std::to_string(version),
           "go on with the program that wrote it, or start anew");
  }
}

void put_values(Checkpoint& checkpoint, const json::Value& description, std::span<const std::byte> raw) {
  constexpr const char* kWrongSize = "the values do not add up to the size of the file";
  for (const json::Value& entry : description.at("entries").array()) {
    const auto n_values = static_cast<std::size_t>(entry.at("n_values").integer());
    if (n_values > raw.size() / sizeof(double)) throw KernelError(ErrorCode::bad_request, kWrongSize);
    const std::string& type = entry.at("type").text();
    if (type == "f64") {
      checkpoint.put(entry.at("name").text(), std::span<const double>(values_at<double>(raw, 0, n_values)));
    } else if (type == "i64") {
      checkpoint.put(entry.at("name").text(), std::span<const std::int64_t>(values_at<std::int64_t>(raw, 0, n_values)));
    } else {
      throw KernelError(ErrorCode::bad_request, "there is no type \"" + type + "\"");
    }
    raw = raw.subspan(n_values * sizeof(double));
  }
  if (!raw.empty()) throw KernelError(ErrorCode::bad_request, kWrongSize);
}

}  // namespace

Checkpoint::Checkpoint(std::string kind, int version) : kind_(std::move(kind)), version_(version) {}

void Checkpoint::put_entry(std::string name, Values values) {
  if (has(name)) throw KernelError(ErrorCode::internal, "a checkpoint has the value \"" + name + "\" twice");
  entries_.emplace_back(std::move(name), std::move(values));
}

void Checkpoint::put(std::string name, std::span<const double> values) {
  put_entry(std::move(name), std::vector<double>(values.begin(), values.end()));
}

void Checkpoint::put(std::string name, std::span<const std::int64_t> values) {
  put_entry(std::move(name), std::vector<std::int64_t>(values.begin(), values.end()));
}

void Checkpoint::put(std::string name, double value) { put(std::move(name), std::span<const double>(&value, 1)); }

void Checkpoint::put(std::string name, std::int64_t value) {
  put(std::move(name), std::span<const std::int64_t>(&value, 1));
}

const Checkpoint::Values* Checkpoint::find(std::string_view name) const {
  const auto found =
      std::ranges::find(entries_, name, [](const auto& entry) -> std::string_view { return entry.first; });
  return found == entries_.end() ? nullptr : &found->second;
}

template <class T>
const std::vector<T>& Checkpoint::values_of(std::string_view name, std::optional<std::size_t> n_values) const {
  const Values* const values = find(name);
  if (values == nullptr) refuse_value(name, "is missing");
  const auto* const typed = std::get_if<std::vector<T>>(values);
  if (typed == nullptr) refuse_value(name, "has another type");
  if (n_values && typed->size() != *n_values) {
    refuse_value(
        name, "has " + std::to_string(typed->size()) + " numbers where " + std::to_string(*n_values) + " are expected");
  }
  return *typed;
}

std::vector<double> Checkpoint::doubles(std::string_view name, std::size_t n_values) const {
  return values_of<double>(name, n_values);
}

std::vector<double> Checkpoint::doubles(std::string_view name) const { return values_of<double>(name, {}); }

std::vector<std::int64_t> Checkpoint::integers(std::string_view name, std::size_t n_values) const {
  return values_of<std::int64_t>(name, n_values);
}

double Checkpoint::number(std::string_view name) const { return values_of<double>(name, 1).front(); }

std::int64_t Checkpoint::integer(std::string_view name) const { return values_of<std::int64_t>(name, 1).front(); }

bool Checkpoint::has(std::string_view name) const { return find(name) != nullptr; }

void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path, FileSystem& files) {
  replace_file(path, encode(checkpoint), files);
}

Checkpoint read_checkpoint(const std::filesystem::path& path, std::string_view kind, int version) {
  check_start(read_part(path, 0, kSizeOfStart), path);
  const Bytes bytes = read_file(path);
  const std::string_view text = checked_text(bytes, path);
  try {
    const json::Value description = json::parse(text);
    check_purpose(description, kind, version, path);
    Checkpoint checkpoint{std::string(kind), version};
    put_values(checkpoint, description,
               std::span(bytes).subspan(kSizeOfStart + text.size(),
                                        bytes.size() - kSizeOfStart - text.size() - kSizeOfChecksum));
    return checkpoint;
  } catch (const KernelError& error) {
    if (error.code() == ErrorCode::bad_checkpoint) throw;
    refuse_damaged(path, error.what());  // its checksum is right, so somebody else wrote it
  }
}

}  // namespace mofkernel
