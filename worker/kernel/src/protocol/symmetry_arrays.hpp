// The symmetry operations that a relaxation is to keep, from the arrays of its request.
#pragma once

#include <span>
#include <vector>

#include "geometry/structure.hpp"
#include "geometry/symmetry_operation.hpp"
#include "protocol/request_arrays.hpp"

namespace mofkernel::protocol {

/// [n_structures] the operations of each, or nothing when the request has none. Throws KernelError(bad_request) for
/// arrays that do not go together; whether they are operations of the structures is not looked at.
std::vector<std::vector<SymmetryOperation>> parse_symmetry(RequestArrays& arrays,
                                                           std::span<const Structure> structures);

}  // namespace mofkernel::protocol
