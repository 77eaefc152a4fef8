// What is computed, as a number to tell calculations apart by. Host only.
#pragma once

#include <cstdint>
#include <span>

#include "engine/engine.hpp"

namespace mofkernel {

/// Differs when the potential, the precision or the charges do; with a topology that is shared or given also when
/// `model`, the structure that is typed for all, does.
std::int64_t calculation_fingerprint(std::span<const Structure> structures, const Structure& model,
                                     const PotentialSpec& spec, Precision precision);

}  // namespace mofkernel
