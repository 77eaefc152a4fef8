// model.json -> everything of a Model but its numbers. The schema is contracts/mace-model.ts.
#pragma once

#include <string_view>

#include "potentials/mace/model.hpp"
#include "potentials/mace/safetensors.hpp"

namespace mofkernel::mace {

struct Description {
  Model model;  ///< without tensors
  TensorType type = TensorType::f64;
};

/// Throws KernelError(bad_request) for what is not this schema, (file_error) for what contradicts itself and
/// (unsupported) for what this kernel does not compute.
Description read_description(std::string_view text);

}  // namespace mofkernel::mace
