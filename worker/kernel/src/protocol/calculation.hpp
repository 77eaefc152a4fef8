// The part that all requests share that compute something: structures, potential, device.
#pragma once

#include "protocol/members.hpp"
#include "protocol/request_arrays.hpp"
#include "protocol/requests.hpp"

namespace mofkernel::protocol {

/// Takes the members and arrays of a calculation. Throws KernelError(bad_request | bad_structure).
Calculation parse_calculation(Members& members, RequestArrays& arrays);

/// Throws KernelError(unsupported) for a potential without types and bonds, naming the request's type.
void require_bonds(const Calculation& calculation, const char* type);

/// Throws KernelError(bad_request) naming the request's type.
void require_one_structure(const Calculation& calculation, const char* type);

}  // namespace mofkernel::protocol
