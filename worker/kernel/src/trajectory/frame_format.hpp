// What a trajectory file is made of: a start, then one frame after another. Told in docs/trajectories.md.
#pragma once

#include <filesystem>
#include <memory>

#include "dynamics/md.hpp"
#include "files/file_system.hpp"

namespace mofkernel {

/// One structure's frames in one format.
class FrameFormat {
 public:
  virtual ~FrameFormat() = default;
  /// Writes what the file starts with; may be nothing.
  virtual void write_start(OutputFile& file) const = 0;
  /// Writes the frame of a sample that has one, in one piece.
  virtual void write_frame(const MdSample& sample, OutputFile& file) const = 0;
  /// Do the first `n_bytes` (at least 1) of the file end with a whole frame of this structure? Looks at the file's
  /// start and at that end only.
  [[nodiscard]] virtual bool fits(const std::filesystem::path& path, std::int64_t n_bytes) const = 0;
};

std::unique_ptr<FrameFormat> make_extxyz_format(const Structure& structure);
std::unique_ptr<FrameFormat> make_binary_format(const Structure& structure);

}  // namespace mofkernel
