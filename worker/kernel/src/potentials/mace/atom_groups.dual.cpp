#include "potentials/mace/atom_groups.hpp"

#include <algorithm>
#include <numeric>

namespace mofkernel::MOFK_NS::mace {

AtomGroups::AtomGroups(const Context& context, std::span<const int> element_of_atom)
    : n_atoms(static_cast<int>(element_of_atom.size())), order(context), group_of_atom(context), starts(context) {
  const auto element = [&](int atom) { return element_of_atom[static_cast<std::size_t>(atom)]; };
  std::vector<int> sorted(element_of_atom.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  std::stable_sort(sorted.begin(), sorted.end(), [&](int a, int b) { return element(a) < element(b); });

  std::vector<int> groups(element_of_atom.size());
  for (int k = 0; k < n_atoms; ++k) {
    const int atom = sorted[static_cast<std::size_t>(k)];
    if (elements.empty() || elements.back() != element(atom)) {
      elements.push_back(element(atom));
      group_start.push_back(k);
    }
    groups[static_cast<std::size_t>(atom)] = n_groups() - 1;
  }
  group_start.push_back(n_atoms);
  order.upload(sorted);
  group_of_atom.upload(groups);
  starts.upload(group_start);
}

int AtomGroups::largest_group() const {
  int largest = 0;
  for (std::size_t g = 0; g < elements.size(); ++g) largest = std::max(largest, group_start[g + 1] - group_start[g]);
  return largest;
}

}  // namespace mofkernel::MOFK_NS::mace
