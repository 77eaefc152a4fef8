#include "potentials/uff4mof/bond_graph.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mofkernel::uff4mof {

BondGraph::BondGraph(int n_atoms, std::vector<GraphBond> bonds) : bonds_(std::move(bonds)) {
  std::sort(bonds_.begin(), bonds_.end(), [](const GraphBond& a, const GraphBond& b) {
    return std::tie(a.i, a.j, a.shift) < std::tie(b.i, b.j, b.shift);
  });
  const auto n = static_cast<std::size_t>(n_atoms);
  first_neighbor_.assign(n + 1, 0);
  for (const GraphBond& bond : bonds_) {
    ++first_neighbor_[static_cast<std::size_t>(bond.i) + 1];
    ++first_neighbor_[static_cast<std::size_t>(bond.j) + 1];
  }
  for (std::size_t i = 0; i < n; ++i) first_neighbor_[i + 1] += first_neighbor_[i];
  neighbors_.resize(2 * bonds_.size());
  std::vector<std::int32_t> next(first_neighbor_.begin(), first_neighbor_.end() - 1);
  for (std::size_t b = 0; b < bonds_.size(); ++b) {
    const GraphBond& bond = bonds_[b];
    const auto index = static_cast<std::int32_t>(b);
    neighbors_[static_cast<std::size_t>(next[static_cast<std::size_t>(bond.i)]++)] = {bond.j, bond.shift, index};
    neighbors_[static_cast<std::size_t>(next[static_cast<std::size_t>(bond.j)]++)] = {bond.i, -bond.shift, index};
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::sort(
        neighbors_.begin() + first_neighbor_[i], neighbors_.begin() + first_neighbor_[i + 1],
        [](const Neighbor& a, const Neighbor& b) { return std::tie(a.atom, a.shift) < std::tie(b.atom, b.shift); });
  }
}

std::span<const Neighbor> BondGraph::neighbors(int atom) const {
  const auto first = static_cast<std::size_t>(first_neighbor_[static_cast<std::size_t>(atom)]);
  const auto last = static_cast<std::size_t>(first_neighbor_[static_cast<std::size_t>(atom) + 1]);
  return std::span(neighbors_).subspan(first, last - first);
}

std::array<double, 3> position_of(const Structure& structure, std::int32_t atom, const Shift& shift) {
  std::array<double, 3> position = structure.positions[static_cast<std::size_t>(atom)];
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) position[axis] += shift[row] * structure.cell[row][axis];
  }
  return position;
}

}  // namespace mofkernel::uff4mof
