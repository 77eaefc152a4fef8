#include <algorithm>
#include <fstream>
#include <limits>

#include "errors.hpp"
#include "files/file_system.hpp"

namespace mofkernel {

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes, FileSystem& files) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  try {
    const auto file = files.create(temporary);
    file->append(bytes);
    file->sync();
    files.replace(temporary, path);
  } catch (const KernelError&) {
    files.remove(temporary);
    throw;
  }
  files.sync_folder(folder_of(path));
}

std::vector<std::byte> read_part(const std::filesystem::path& path, std::int64_t offset, std::size_t n_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::int64_t size = file ? static_cast<std::int64_t>(file.tellg()) : -1;
  // A folder opens on some systems and then has a size that no file has.
  if (size < 0 || !std::filesystem::is_regular_file(path))
    throw KernelError(ErrorCode::file_error, "cannot open " + path.string());
  std::vector<std::byte> bytes(std::min(static_cast<std::size_t>(std::max(size - offset, std::int64_t{0})), n_bytes));
  const auto n_wanted = static_cast<std::streamsize>(bytes.size());
  file.seekg(offset);
  file.read(reinterpret_cast<char*>(bytes.data()), n_wanted);
  if (file.gcount() != n_wanted) throw KernelError(ErrorCode::file_error, "cannot read " + path.string());
  return bytes;
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return read_part(path, 0, std::numeric_limits<std::size_t>::max());
}

}  // namespace mofkernel
