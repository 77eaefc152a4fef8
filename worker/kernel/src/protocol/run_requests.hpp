// The requests that go step by step.
#pragma once

#include "protocol/members.hpp"
#include "protocol/request_arrays.hpp"
#include "protocol/requests.hpp"

namespace mofkernel::protocol {

// Each takes its members and arrays after those of the calculation. They throw KernelError(bad_request).
RelaxRequest parse_relax(Members& members, RequestArrays& arrays, Calculation calculation);
MdRequest parse_md(Members& members, RequestArrays& arrays, Calculation calculation);
ForceConstantsRequest parse_force_constants(Members& members, RequestArrays& arrays, Calculation calculation);
InsertionsRequest parse_insertions(Members& members, RequestArrays& arrays, Calculation calculation);

}  // namespace mofkernel::protocol
