#include "potentials/uff4mof/local_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace mofkernel::uff4mof {

std::vector<double> bond_angles_deg(const Structure& structure, std::int32_t atom,
                                    const std::vector<Neighbor>& neighbors) {
  std::vector<std::array<double, 3>> arms;
  const auto& center = structure.positions[static_cast<std::size_t>(atom)];
  for (const Neighbor& neighbor : neighbors) {
    std::array<double, 3> arm = position_of(structure, neighbor.atom, neighbor.shift);
    for (std::size_t axis = 0; axis < 3; ++axis) arm[axis] -= center[axis];
    const double length = std::hypot(arm[0], arm[1], arm[2]);
    for (double& component : arm) component /= length;
    arms.push_back(arm);
  }
  std::vector<double> angles;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    for (std::size_t b = a + 1; b < arms.size(); ++b) {
      const double cosine = arms[a][0] * arms[b][0] + arms[a][1] * arms[b][1] + arms[a][2] * arms[b][2];
      angles.push_back(std::acos(std::clamp(cosine, -1.0, 1.0)) * 180.0 / std::numbers::pi);
    }
  }
  std::sort(angles.begin(), angles.end(), std::greater<>());
  return angles;
}

std::vector<double> bond_angles_deg(const Structure& structure, const BondGraph& graph, std::int32_t atom) {
  const auto neighbors = graph.neighbors(atom);
  return bond_angles_deg(structure, atom, {neighbors.begin(), neighbors.end()});
}

bool is_linear(const Structure& structure, const BondGraph& graph, std::int32_t atom) {
  return graph.degree(atom) == 2 && bond_angles_deg(structure, graph, atom)[0] > kLinearAngleDeg;
}

}  // namespace mofkernel::uff4mof
