// A batch that does not fit into the memory of its device is worked through in consecutive parts. Host only.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "errors.hpp"

namespace mofkernel {

/// Structures [first, first + n) of a batch, and their atoms [first_atom, first_atom + n_atoms).
struct Part {
  std::size_t first = 0;
  std::size_t n = 0;
  std::size_t first_atom = 0;
  std::size_t n_atoms = 0;

  bool operator==(const Part&) const = default;
};

/// The part that begins with structure `first`.
Part make_part(std::span<const Structure> structures, std::size_t first, std::size_t n);

/// As few parts as fit, in the order of the batch.
///   bytes  [n_structures] predicted need of each structure
/// Throws KernelError(out_of_memory) naming the need of a structure that does not fit by itself.
std::vector<Part> plan_parts(std::span<const Structure> structures, std::span<const std::size_t> bytes,
                             std::size_t limit_bytes);

// What belongs to the structures of a part.
RelaxOptions options_of(const RelaxOptions& options, const Part& part);
MdOptions options_of(const MdOptions& options, const Part& part);

/// `error` of a part whose structures are counted from its first one, told so that the user finds the structure.
KernelError located(const KernelError& error, const Part& part);

/// work(part) for every part in order. A part that runs out of memory is halved and repeated; `on_split` hears of it.
template <class Work, class OnSplit>
void for_each_part(std::span<const Structure> structures, std::span<const Part> plan, Work work, OnSplit on_split) {
  std::deque<Part> waiting(plan.begin(), plan.end());
  while (!waiting.empty()) {
    const Part part = waiting.front();
    try {
      work(part);
      waiting.pop_front();
    } catch (const KernelError& error) {
      if (error.code() != ErrorCode::out_of_memory || part.n == 1) throw located(error, part);
      const Part half = make_part(structures, part.first, part.n / 2);
      const Part rest = make_part(structures, part.first + half.n, part.n - half.n);
      waiting.pop_front();
      waiting.push_front(rest);
      waiting.push_front(half);
      on_split(part, half, rest);
    }
  }
}

}  // namespace mofkernel
