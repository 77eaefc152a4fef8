// Trajectory files that survive a kill: frames are appended whole, and a file is cut back to its last whole frame, or
// to what a checkpoint knows of it, before it is continued.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "dynamics/md.hpp"
#include "files/file_system.hpp"

namespace mofkernel {

class TrajectoryFile {
 public:
  virtual ~TrajectoryFile() = default;
  /// Appends the frame of a sample that has one. Throws KernelError(file_error), e.g. for a full disk; the file then
  /// still ends with a whole frame.
  virtual void append(const MdSample& sample) = 0;
  /// Makes what was appended durable; returns the size in bytes, which a checkpoint keeps.
  virtual std::int64_t flush() = 0;
};

/// Starts `plan.path` anew (`keep_bytes` 0) or continues it after its first `keep_bytes` bytes, dropping the rest.
///   initial  the structure: elements and periodic axes
/// Throws KernelError(file_error); (bad_checkpoint) when the file is shorter than `keep_bytes` or is another
/// structure's.
std::unique_ptr<TrajectoryFile> open_trajectory(const TrajectoryPlan& plan, const Structure& initial,
                                                std::int64_t keep_bytes, FileSystem& files = native_files());

}  // namespace mofkernel
