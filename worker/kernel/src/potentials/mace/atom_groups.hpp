// The atoms of a batch by element: what is one matrix or one polynomial for each element serves a run of them.
#pragma once

#include <span>
#include <vector>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::mace {

struct AtomGroups {
  int n_atoms = 0;
  std::vector<int> elements;     ///< [n_groups] index of the element in the model, ascending
  std::vector<int> group_start;  ///< [n_groups + 1] in `order`, host
  Buffer<int> order;             ///< [n_atoms] atoms, group by group, ascending in each
  Buffer<int> group_of_atom;     ///< [n_atoms]
  Buffer<int> starts;            ///< group_start on the device

  /// `element_of_atom` [n_atoms], by indices of the model, not negative.
  AtomGroups(const Context& context, std::span<const int> element_of_atom);

  [[nodiscard]] int n_groups() const { return static_cast<int>(elements.size()); }
  [[nodiscard]] int largest_group() const;
};

}  // namespace mofkernel::MOFK_NS::mace
