// A folder of its own for a test that writes files; it goes with everything in it.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include "files/bytes.hpp"
#include "files/file_system.hpp"

namespace mofkernel {

class ScratchFolder {
 public:
  ScratchFolder() {
    const std::string name = "mofkernel_test_" + std::to_string(std::random_device{}());
    // Tests kill processes, not machines: memory shows the same as a disk, and syncs, most of their time, cost nothing.
    path_ = "/dev/shm/" + name;
    std::error_code error;
    if (std::filesystem::create_directory(path_, error)) return;
    path_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directory(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  native_files().create(path)->append(bytes);
}

inline std::string read_text(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace mofkernel
