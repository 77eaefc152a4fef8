// A model folder of ours as text and tensors, to be changed and written again.
#pragma once

#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "files/sha256.hpp"
#include "protocol/json.hpp"
#include "scratch_folder.hpp"

namespace mofkernel {

inline std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

/// The folder of a fixture that tests/parity made.
inline std::filesystem::path mace_fixture(const std::string& name) {
  return std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "mace" / name;
}

struct MaceModelFiles {
  struct Entry {
    std::string type;
    std::vector<std::size_t> shape;
    Bytes data;
  };

  std::string json;  ///< without white space
  std::map<std::string, Entry> tensors;

  explicit MaceModelFiles(const std::string& fixture)
      : json(json::write(json::parse(read_text(mace_fixture(fixture) / "model.json")))) {
    const Bytes bytes = read_file(mace_fixture(fixture) / "model.safetensors");
    const auto length = static_cast<std::size_t>(value_at<std::uint64_t>(bytes, 0));
    const char* const header = reinterpret_cast<const char*>(bytes.data()) + 8;
    const json::Value described = json::parse({header, length});
    for (const json::Member& member : described.object()) {
      if (member.key == "__metadata__") continue;
      const auto offset = [&](std::size_t k) {
        return static_cast<std::ptrdiff_t>(8 + length) + member.value.at("data_offsets").at(k).integer();
      };
      Entry entry{member.value.at("dtype").text(), {}, Bytes(bytes.begin() + offset(0), bytes.begin() + offset(1))};
      for (const json::Value& extent : member.value.at("shape").array())
        entry.shape.push_back(static_cast<std::size_t>(extent.integer()));
      tensors.emplace(member.key, std::move(entry));
    }
  }

  /// The first `from` of model.json becomes `to`; it must be there.
  void replace(const std::string& from, const std::string& to) {
    const std::size_t at = json.find(from);
    CHECK(at != std::string::npos);
    if (at != std::string::npos) json.replace(at, from.size(), to);
  }

  [[nodiscard]] Bytes tensor_file() const {
    json::Object header;
    Bytes data;
    for (const auto& [name, entry] : tensors) {
      json::Array shape;
      for (const std::size_t extent : entry.shape) shape.emplace_back(extent);
      json::Object members;
      members.push_back({"dtype", entry.type});
      members.push_back({"shape", std::move(shape)});
      members.push_back({"data_offsets", json::Array{data.size(), data.size() + entry.data.size()}});
      header.push_back({name, std::move(members)});
      data.insert(data.end(), entry.data.begin(), entry.data.end());
    }
    return tensor_file_of(json::write(json::Value(std::move(header))), data);
  }

  static Bytes tensor_file_of(const std::string& header, std::span<const std::byte> data) {
    Bytes file;
    append_value<std::uint64_t>(file, header.size());
    append_text(file, header);
    file.insert(file.end(), data.begin(), data.end());
    return file;
  }

  /// With the checksum of `tensor_bytes` in model.json.
  void write(const std::filesystem::path& folder, std::span<const std::byte> tensor_bytes) const {
    std::filesystem::create_directories(folder);
    std::string text = json;
    const std::string key = "\"tensors_sha256\":";
    const std::size_t at = text.find('"', text.find(key) + key.size()) + 1;
    if (text.find(key) != std::string::npos && at + 64 < text.size()) text.replace(at, 64, sha256(tensor_bytes));
    write_bytes(folder / "model.json", bytes_of(text));
    write_bytes(folder / "model.safetensors", tensor_bytes);
  }
  void write(const std::filesystem::path& folder) const { write(folder, tensor_file()); }
};

}  // namespace mofkernel
