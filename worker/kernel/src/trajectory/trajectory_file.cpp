#include "trajectory/trajectory_file.hpp"

#include <string>
#include <utility>

#include "errors.hpp"
#include "trajectory/frame_format.hpp"

namespace mofkernel {
namespace {

class FrameFile final : public TrajectoryFile {
 public:
  FrameFile(std::unique_ptr<FrameFormat> format, std::unique_ptr<OutputFile> file)
      : format_(std::move(format)), file_(std::move(file)) {}

  void append(const MdSample& sample) override {
    if (!sample.has_frame) return;
    const std::int64_t whole = file_->size();
    try {
      format_->write_frame(sample, *file_);
    } catch (const KernelError&) {
      file_->cut(whole);
      throw;
    }
  }

  std::int64_t flush() override {
    file_->sync();
    return file_->size();
  }

 private:
  std::unique_ptr<FrameFormat> format_;
  std::unique_ptr<OutputFile> file_;
};

std::unique_ptr<FrameFormat> make_format(const TrajectoryPlan& plan, const Structure& structure) {
  switch (plan.format) {
    case TrajectoryFormat::extxyz:
      return make_extxyz_format(structure);
    case TrajectoryFormat::binary:
      return make_binary_format(structure);
  }
  throw KernelError(ErrorCode::internal, "a trajectory has no format");
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw KernelError(ErrorCode::bad_checkpoint,
                    "the trajectory " + path.string() + " " + why +
                        " and the checkpoint cannot be continued with it; put the file back, or start the run anew");
}

std::unique_ptr<OutputFile> start_file(const FrameFormat& format, const std::filesystem::path& path,
                                       FileSystem& files) {
  auto file = files.create(path);
  format.write_start(*file);
  // Frames are synced when a checkpoint counts on them; the name of the file has to be there by then.
  files.sync_folder(folder_of(path));
  return file;
}

std::unique_ptr<OutputFile> continue_file(const FrameFormat& format, const std::filesystem::path& path,
                                          std::int64_t keep_bytes, FileSystem& files) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) refuse(path, "is not there: " + error.message());
  if (std::cmp_less(size, keep_bytes)) {
    refuse(path, "has " + std::to_string(size) + " bytes where the checkpoint knows of " + std::to_string(keep_bytes));
  }
  if (!format.fits(path, keep_bytes)) refuse(path, "is not the one that the checkpoint knows");
  auto file = files.open(path);
  file->cut(keep_bytes);
  return file;
}

}  // namespace

std::unique_ptr<TrajectoryFile> open_trajectory(const TrajectoryPlan& plan, const Structure& initial,
                                                std::int64_t keep_bytes, FileSystem& files) {
  auto format = make_format(plan, initial);
  auto file =
      keep_bytes == 0 ? start_file(*format, plan.path, files) : continue_file(*format, plan.path, keep_bytes, files);
  return std::make_unique<FrameFile>(std::move(format), std::move(file));
}

}  // namespace mofkernel
