// Files that strike at a chosen point of a write: the test decides whether that means an error or the end of the
// process.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "errors.hpp"
#include "files/file_system.hpp"

namespace mofkernel {

class StrikingFiles final : public FileSystem {
 public:
  /// `strike` is called at the write point with the index `at`, counted from 0: between any two steps, and in the
  /// middle of an append, when half of the bytes are written.
  StrikingFiles(int at, std::function<void()> strike) : n_left_(at), strike_(std::move(strike)) {}

  std::unique_ptr<OutputFile> create(const std::filesystem::path& path) override {
    point();
    return std::make_unique<File>(*this, native_files().create(path));
  }
  std::unique_ptr<OutputFile> open(const std::filesystem::path& path) override {
    point();
    return std::make_unique<File>(*this, native_files().open(path));
  }
  void replace(const std::filesystem::path& from, const std::filesystem::path& to) override {
    point();
    native_files().replace(from, to);
  }
  void sync_folder(const std::filesystem::path& folder) override {
    point();
    native_files().sync_folder(folder);
  }
  void remove(const std::filesystem::path& path) noexcept override { native_files().remove(path); }

  [[nodiscard]] bool has_struck() const { return n_left_ < 0; }

 private:
  class File final : public OutputFile {
   public:
    File(StrikingFiles& files, std::unique_ptr<OutputFile> file) : files_(files), file_(std::move(file)) {}
    void append(std::span<const std::byte> bytes) override {
      files_.point();
      file_->append(bytes.first(bytes.size() / 2));
      files_.point();
      file_->append(bytes.subspan(bytes.size() / 2));
    }
    void cut(std::int64_t size) override {
      files_.point();
      file_->cut(size);
    }
    [[nodiscard]] std::int64_t size() const override { return file_->size(); }
    void sync() override {
      files_.point();
      file_->sync();
    }

   private:
    StrikingFiles& files_;
    std::unique_ptr<OutputFile> file_;
  };

  void point() {
    if (n_left_-- == 0) strike_();
  }

  int n_left_;
  std::function<void()> strike_;
};

inline void fail_with_full_disk() { throw KernelError(ErrorCode::file_error, "no space left"); }

}  // namespace mofkernel
