// The operating system's files.
#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "errors.hpp"
#include "files/file_system.hpp"

namespace mofkernel {
namespace {

constexpr std::size_t kLargestTransfer = std::size_t{1} << 30U;

[[noreturn]] void fail(const char* what, const std::filesystem::path& path, std::error_code reason) {
  throw KernelError(ErrorCode::file_error,
                    std::string("cannot ") + what + " " + path.string() + ": " + reason.message());
}

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  fail(what, path, {errno, std::generic_category()});
}

#ifdef _WIN32
constexpr int kOpenFlags = _O_WRONLY | _O_BINARY | _O_NOINHERIT;
constexpr int kCreateFlags = kOpenFlags | _O_CREAT | _O_TRUNC;

int open_file(const std::filesystem::path& path, int flags) {
  return _wopen(path.c_str(), flags, _S_IREAD | _S_IWRITE);
}
auto write_some(int file, const void* from, std::size_t n) { return _write(file, from, static_cast<unsigned>(n)); }
bool cut_file(int file, std::int64_t size) { return _chsize_s(file, size) == 0; }
std::int64_t seek_end(int file) { return _lseeki64(file, 0, SEEK_END); }
bool sync_file(int file) { return _commit(file) == 0; }
void close_file(int file) { _close(file); }
#else
constexpr int kOpenFlags = O_WRONLY | O_CLOEXEC;
constexpr int kCreateFlags = kOpenFlags | O_CREAT | O_TRUNC;
constexpr mode_t kPermissions = 0666;  // the user's umask decides

int open_file(const std::filesystem::path& path, int flags) { return ::open(path.c_str(), flags, kPermissions); }
auto write_some(int file, const void* from, std::size_t n) { return ::write(file, from, n); }
bool cut_file(int file, std::int64_t size) { return ::ftruncate(file, size) == 0; }
std::int64_t seek_end(int file) { return ::lseek(file, 0, SEEK_END); }
bool sync_file(int file) {
#ifdef __APPLE__
  // There fsync() leaves the bytes in the drive's cache.
  if (::fcntl(file, F_FULLFSYNC) == 0) return true;
#endif
  return ::fsync(file) == 0;
}
void close_file(int file) { ::close(file); }
#endif

class NativeFile final : public OutputFile {
 public:
  NativeFile(std::filesystem::path path, int flags) : path_(std::move(path)), file_(open_file(path_, flags)) {
    if (file_ < 0) fail("write", path_);
    size_ = seek_end(file_);
    if (size_ >= 0) return;
    const int reason = errno;  // a pipe, a terminal
    close_file(file_);
    fail("write", path_, {reason, std::generic_category()});
  }
  ~NativeFile() override { close_file(file_); }
  NativeFile(const NativeFile&) = delete;
  NativeFile& operator=(const NativeFile&) = delete;

  void append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto n = write_some(file_, bytes.data(), std::min(bytes.size(), kLargestTransfer));
      if (n > 0) {
        size_ += n;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
      } else if (n == 0 || errno != EINTR) {
        fail("write", path_);
      }
    }
  }

  void cut(std::int64_t size) override {
    if (!cut_file(file_, size) || seek_end(file_) != size) fail("cut", path_);
    size_ = size;
  }

  [[nodiscard]] std::int64_t size() const override { return size_; }

  void sync() override {
    if (!sync_file(file_)) fail("write", path_);
  }

 private:
  std::filesystem::path path_;
  int file_;
  std::int64_t size_ = 0;
};

class NativeFiles final : public FileSystem {
 public:
  std::unique_ptr<OutputFile> create(const std::filesystem::path& path) override {
    return std::make_unique<NativeFile>(path, kCreateFlags);
  }

  std::unique_ptr<OutputFile> open(const std::filesystem::path& path) override {
    return std::make_unique<NativeFile>(path, kOpenFlags);
  }

  void replace(const std::filesystem::path& from, const std::filesystem::path& to) override {
#ifdef _WIN32
    // std::filesystem::rename() does not ask for the rename to be on the disk.
    if (MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == 0)
      fail("replace", to, {static_cast<int>(GetLastError()), std::system_category()});
#else
    std::error_code error;
    std::filesystem::rename(from, to, error);
    if (error) fail("replace", to, error);
#endif
  }

  void sync_folder([[maybe_unused]] const std::filesystem::path& folder) override {
#ifndef _WIN32
    const int file = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail("open", folder);
    const bool is_synced = ::fsync(file) == 0;
    const int reason = errno;
    ::close(file);
    // Some file systems have nothing to sync in a folder and say so.
    if (!is_synced && reason != EINVAL && reason != ENOTSUP) fail("write", folder, {reason, std::generic_category()});
#endif
  }

  void remove(const std::filesystem::path& path) noexcept override {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

}  // namespace

FileSystem& native_files() {
  static NativeFiles files;
  return files;
}

}  // namespace mofkernel
