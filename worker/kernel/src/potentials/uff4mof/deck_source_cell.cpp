#include "potentials/uff4mof/deck_source_cell.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mofkernel::uff4mof {
namespace {

using Vector = std::array<double, 3>;

Vector fractional_of(const Structure& structure, const Vector& cartesian) {
  const auto& cell = structure.cell;
  Vector result{};
  double volume = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const Vector& b = cell[(k + 1) % 3];
    const Vector& c = cell[(k + 2) % 3];
    const Vector normal{b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]};
    volume = cell[k][0] * normal[0] + cell[k][1] * normal[1] + cell[k][2] * normal[2];
    result[k] = (cartesian[0] * normal[0] + cartesian[1] * normal[1] + cartesian[2] * normal[2]) / volume;
  }
  return result;
}

bool repeats_elements(const Structure& structure, int n) {
  for (std::size_t i = static_cast<std::size_t>(n); i < structure.atomic_numbers.size(); ++i) {
    if (structure.atomic_numbers[i] != structure.atomic_numbers[i - static_cast<std::size_t>(n)]) return false;
  }
  return true;
}

/// Is every block the first one moved by one vector (up to lattice vectors)?
bool repeats_positions(const Structure& structure, int n) {
  constexpr double tolerance_A = 1.0;  // below any bond, above thermal displacement of four atoms
  const auto& positions = structure.positions;
  const auto step = static_cast<std::size_t>(n);
  for (std::size_t block = step; block < positions.size(); block += step) {
    for (std::size_t i = 0; i < step; ++i) {
      Vector drift{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        drift[axis] = positions[block + i][axis] - positions[i][axis] - positions[block][axis] + positions[0][axis];
      }
      const Vector fractional = fractional_of(structure, drift);
      Vector rest{};
      for (std::size_t row = 0; row < 3; ++row) {
        const double part = fractional[row] - std::round(fractional[row]);
        for (std::size_t axis = 0; axis < 3; ++axis) rest[axis] += part * structure.cell[row][axis];
      }
      if (std::hypot(rest[0], rest[1], rest[2]) > tolerance_A) return false;
    }
  }
  return true;
}

std::vector<std::int32_t> sources_of_neighbors(const BondGraph& graph, int atom, int n) {
  std::vector<std::int32_t> sources;
  for (const Neighbor& neighbor : graph.neighbors(atom)) sources.push_back(neighbor.atom % n);
  std::sort(sources.begin(), sources.end());
  return sources;
}

bool repeats_bonds(const BondGraph& graph, int n) {
  for (int i = n; i < graph.n_atoms(); ++i) {
    if (sources_of_neighbors(graph, i, n) != sources_of_neighbors(graph, i % n, n)) return false;
  }
  return true;
}

}  // namespace

int find_source_cell(const Structure& structure, const BondGraph& graph) {
  const int n_atoms = structure.n_atoms();
  if (!(structure.pbc[0] && structure.pbc[1] && structure.pbc[2])) return n_atoms;
  for (int n = 1; n <= n_atoms / 2; ++n) {
    if (n_atoms % n != 0 || !repeats_elements(structure, n)) continue;
    if (repeats_positions(structure, n) && repeats_bonds(graph, n)) return n;
  }
  return n_atoms;
}

}  // namespace mofkernel::uff4mof
