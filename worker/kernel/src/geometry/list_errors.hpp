// The errors of every neighbor list.
#pragma once

#include <string>

#include "errors.hpp"

namespace mofkernel {

inline KernelError unusable_cell(int structure) {
  return {ErrorCode::bad_structure, "structure " + std::to_string(structure) +
                                        ": the cell has no volume, is not finite, or is thinner than 1/100 of the " +
                                        "cutoff; correct its lattice vectors"};
}

inline KernelError absurd_position() {
  return {ErrorCode::non_finite, "a position is not finite, or further than 1e8 cells away from the origin"};
}

inline KernelError too_many_pairs() {
  return {ErrorCode::out_of_memory, "more than 2^31 pairs inside the cutoff; use a smaller structure, batch or cutoff"};
}

}  // namespace mofkernel
