// Files whose state after a crash is known: appended, cut, made durable, replaced as a whole. All that depends on the
// operating system, behind one interface so that tests can fail or die between any two steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace mofkernel {

/// A file that is written at its end. Every function throws KernelError(file_error) naming the file and the reason.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  /// Hands all bytes to the operating system. After an error some of them may be in the file: cut() it.
  virtual void append(std::span<const std::byte> bytes) = 0;
  /// Drops what lies behind the first `size` bytes.
  virtual void cut(std::int64_t size) = 0;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  /// Returns when the content would survive the loss of power.
  virtual void sync() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Empty, whatever was there.
  virtual std::unique_ptr<OutputFile> create(const std::filesystem::path& path) = 0;
  /// A file that is there, to be continued.
  virtual std::unique_ptr<OutputFile> open(const std::filesystem::path& path) = 0;
  /// Gives `from` the name `to` in one step: who opens `to` finds the old file or the new one, never anything else.
  virtual void replace(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Makes the names in a folder durable. Without effect where the operating system has no such thing.
  virtual void sync_folder(const std::filesystem::path& folder) = 0;
  /// Whatever comes of it.
  virtual void remove(const std::filesystem::path& path) noexcept = 0;
};

/// The files of this machine.
FileSystem& native_files();

/// The folder that a file's name stands in.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// Puts `bytes` at `path` whole or not at all: written beside it, made durable, renamed. A file of the temporary name
/// that a crash left behind is overwritten. Throws KernelError(file_error); `path` is then as it was, or new when all
/// that failed was making its name durable.
void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes,
                  FileSystem& files = native_files());

/// Throws KernelError(file_error).
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// `n_bytes` that start at `offset`; fewer when the file ends before. Throws KernelError(file_error).
std::vector<std::byte> read_part(const std::filesystem::path& path, std::int64_t offset, std::size_t n_bytes);

}  // namespace mofkernel
