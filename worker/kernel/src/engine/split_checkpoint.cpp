#include "engine/split_checkpoint.hpp"

#include <algorithm>
#include <optional>

#include "checkpoint/checkpoint.hpp"

namespace mofkernel {
namespace {

constexpr const char* kKind = "batch_parts";
constexpr int kVersion = 1;

[[noreturn]] void refuse_plan(const std::filesystem::path& path) {
  throw KernelError(ErrorCode::bad_checkpoint, path.string() + " belongs to another batch; start without resume");
}

/// Any other content is the state of a batch that was not split, and for its driver to judge.
std::optional<Checkpoint> read_plan(const std::filesystem::path& path) {
  try {
    return read_checkpoint(path, kKind, kVersion);
  } catch (const KernelError& error) {
    if (error.code() != ErrorCode::bad_checkpoint) throw;
    return std::nullopt;
  }
}

/// The parts that a file lays out.
std::vector<Part> read_parts(const std::filesystem::path& path, std::span<const Structure> structures) {
  const std::optional<Checkpoint> checkpoint = read_plan(path);
  if (!checkpoint) return {make_part(structures, 0, structures.size())};
  const auto n_parts = static_cast<std::size_t>(checkpoint->integer("n_parts"));
  std::vector<std::int64_t> first = checkpoint->integers("first_structures", n_parts);
  first.push_back(checkpoint->integer("n_structures"));
  const auto n = static_cast<std::int64_t>(structures.size());
  if (first.front() != 0 || first.back() != n || !std::is_sorted(first.begin(), first.end())) refuse_plan(path);
  std::vector<Part> parts;
  for (std::size_t p = 0; p + 1 < first.size(); ++p) {
    parts.push_back(
        make_part(structures, static_cast<std::size_t>(first[p]), static_cast<std::size_t>(first[p + 1] - first[p])));
  }
  return parts;
}

}  // namespace

SplitCheckpoint::SplitCheckpoint(const CheckpointPlan& asked, std::span<const Structure> structures,
                                 std::vector<Part> plan)
    : asked_(asked), n_structures_(structures.size()), parts_(std::move(plan)) {
  if (asked_.path.empty()) return;
  if (asked_.resume && std::filesystem::exists(asked_.path)) {
    parts_ = read_parts(asked_.path, structures);
    return;
  }
  forget_parts();
  if (parts_.size() > 1) write();
}

/// Of an earlier run with the same path: this one, resumed, must not find them.
void SplitCheckpoint::forget_parts() const {
  std::error_code nothing_to_remove;
  for (std::size_t first = 0; first < n_structures_; ++first)
    std::filesystem::remove(path_of({.first = first}), nothing_to_remove);
}

std::filesystem::path SplitCheckpoint::path_of(const Part& part) const {
  if (is_whole(part)) return asked_.path;
  std::filesystem::path path = asked_.path;
  path += ".part-" + std::to_string(part.first);
  return path;
}

CheckpointPlan SplitCheckpoint::plan_of(const Part& part) const {
  CheckpointPlan plan = asked_;
  if (!asked_.path.empty()) plan.path = path_of(part);
  return plan;
}

void SplitCheckpoint::replace(const Part& part, const Part& half, const Part& rest) {
  const auto found = std::find(parts_.begin(), parts_.end(), part);
  if (found == parts_.end()) throw KernelError(ErrorCode::internal, "a part that was not planned cannot be split");
  *parts_.insert(found, half);
  *(std::find(parts_.begin(), parts_.end(), part)) = rest;
  if (asked_.path.empty()) return;
  std::error_code nothing_to_remove;
  std::filesystem::remove(path_of(part), nothing_to_remove);
  write();
}

void SplitCheckpoint::write() const {
  std::vector<std::int64_t> first;
  for (const Part& part : parts_) first.push_back(static_cast<std::int64_t>(part.first));
  Checkpoint checkpoint(kKind, kVersion);
  checkpoint.put("n_structures", static_cast<std::int64_t>(n_structures_));
  checkpoint.put("n_parts", static_cast<std::int64_t>(first.size()));
  checkpoint.put("first_structures", std::span<const std::int64_t>(first));
  write_checkpoint(checkpoint, asked_.path);
}

}  // namespace mofkernel
