// Which element of a model an atom is. Host only.
#pragma once

#include <span>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// [n_atoms of all structures] indices in the model.
///   first  index of the first structure in the batch that the user sees; the error names the structure by it
/// Throws KernelError(unsupported) naming the atom, its element and what the model knows.
std::vector<int> elements_of(const Model& model, std::span<const Structure> structures, std::size_t first = 0);

}  // namespace mofkernel::mace
