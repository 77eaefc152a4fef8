// The state of a run as named arrays in one file: written whole or not at all, checked when it is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "files/file_system.hpp"

namespace mofkernel {

/// Named values of a run; the order of put() is the order in the file.
class Checkpoint {
 public:
  /// `kind` names the driver ("md", "relax", …), `version` the meaning of its values.
  Checkpoint(std::string kind, int version);

  // A name is given once.
  void put(std::string name, std::span<const double> values);
  void put(std::string name, std::span<const std::int64_t> values);
  void put(std::string name, double value);
  void put(std::string name, std::int64_t value);

  // Throw KernelError(bad_checkpoint) when the value is not there, or has another type or number of elements.
  [[nodiscard]] std::vector<double> doubles(std::string_view name, std::size_t n_values) const;
  [[nodiscard]] std::vector<double> doubles(std::string_view name) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name, std::size_t n_values) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;

  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] int version() const { return version_; }

  using Values = std::variant<std::vector<double>, std::vector<std::int64_t>>;
  [[nodiscard]] std::span<const std::pair<std::string, Values>> entries() const { return entries_; }

 private:
  void put_entry(std::string name, Values values);
  [[nodiscard]] const Values* find(std::string_view name) const;
  template <class T>
  [[nodiscard]] const std::vector<T>& values_of(std::string_view name, std::optional<std::size_t> n_values) const;

  std::string kind_;
  int version_;
  std::vector<std::pair<std::string, Values>> entries_;
};

/// Writes to a temporary name beside `path`, makes it durable and renames it. Throws KernelError(file_error); the
/// checkpoint that was there is then still there.
void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                      FileSystem& files = native_files());

/// Throws KernelError(file_error) when the file cannot be read, (bad_checkpoint) when it is damaged, of another kind,
/// or of a version that this program does not know.
Checkpoint read_checkpoint(const std::filesystem::path& path, std::string_view kind, int version);

}  // namespace mofkernel
