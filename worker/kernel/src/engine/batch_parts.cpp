#include "engine/batch_parts.hpp"

#include <algorithm>

namespace mofkernel {
namespace {

/// Elements [first, first + n) of one array per structure or per atom; an empty array stays empty.
template <class T>
std::vector<T> slice(const std::vector<T>& values, std::size_t first, std::size_t n) {
  if (values.empty()) return {};
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(n)};
}

std::string mebibytes(std::size_t bytes) { return std::to_string((bytes >> 20U) + 1) + " MiB"; }

}  // namespace

Part make_part(std::span<const Structure> structures, std::size_t first, std::size_t n) {
  Part part{.first = first, .n = n, .first_atom = 0, .n_atoms = 0};
  for (std::size_t s = 0; s < first; ++s) part.first_atom += structures[s].positions.size();
  for (std::size_t s = first; s < first + n; ++s) part.n_atoms += structures[s].positions.size();
  return part;
}

std::vector<Part> plan_parts(std::span<const Structure> structures, std::span<const std::size_t> bytes,
                             std::size_t limit_bytes) {
  std::vector<Part> parts;
  std::size_t first = 0;
  std::size_t sum = 0;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    if (bytes[s] > limit_bytes) {
      throw KernelError(ErrorCode::out_of_memory,
                        "structure " + std::to_string(s) + " with " + std::to_string(structures[s].n_atoms()) +
                            " atoms needs about " + mebibytes(bytes[s]) + " of memory, there are " +
                            mebibytes(limit_bytes) + " for it; use a smaller structure, a shorter cutoff or " +
                            "another device",
                        R"({"structure":)" + std::to_string(s) + R"(,"predicted_bytes":)" + std::to_string(bytes[s]) +
                            R"(,"limit_bytes":)" + std::to_string(limit_bytes) + "}");
    }
    if (sum + bytes[s] > limit_bytes) {
      parts.push_back(make_part(structures, first, s - first));
      first = s;
      sum = 0;
    }
    sum += bytes[s];
  }
  parts.push_back(make_part(structures, first, structures.size() - first));
  return parts;
}

RelaxOptions options_of(const RelaxOptions& options, const Part& part) {
  RelaxOptions mine = options;
  mine.pressures_eV_A3 = slice(options.pressures_eV_A3, part.first, part.n);
  mine.fixed_atoms = slice(options.fixed_atoms, part.first_atom, part.n_atoms);
  mine.symmetry = slice(options.symmetry, part.first, part.n);
  return mine;
}

MdOptions options_of(const MdOptions& options, const Part& part) {
  MdOptions mine = options;
  mine.first_structure += static_cast<int>(part.first);
  mine.temperatures_k = slice(options.temperatures_k, part.first, part.n);
  mine.pressures_eV_A3 = slice(options.pressures_eV_A3, part.first, part.n);
  mine.velocities = slice(options.velocities, part.first_atom, part.n_atoms);
  mine.masses = slice(options.masses, part.first_atom, part.n_atoms);
  mine.fixed_atoms = slice(options.fixed_atoms, part.first_atom, part.n_atoms);
  mine.trajectories.clear();
  for (TrajectoryPlan plan : options.trajectories) {
    const auto structure = static_cast<std::size_t>(plan.structure);
    if (structure < part.first || structure >= part.first + part.n) continue;
    plan.structure -= static_cast<int>(part.first);
    mine.trajectories.push_back(std::move(plan));
  }
  return mine;
}

KernelError located(const KernelError& error, const Part& part) {
  if (part.first == 0) return error;
  const std::string where = " (the batch was split: structures and atoms are counted from structure " +
                            std::to_string(part.first) + " of the batch)";
  return {error.code(), error.what() + where, error.details_json()};
}

}  // namespace mofkernel
