#include "potentials/uff4mof/deck_source_cell.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "potentials/uff4mof/perceive_bonds.hpp"

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

/// The part of a vector that remains after taking off whole lattice vectors.
Vector without_lattice_vectors(const Structure& structure, const Vector& vector) {
  const Vector fractional = fractional_of(structure, vector);
  Vector rest{};
  for (std::size_t row = 0; row < 3; ++row) {
    const double part = fractional[row] - std::round(fractional[row]);
    for (std::size_t axis = 0; axis < 3; ++axis) rest[axis] += part * structure.cell[row][axis];
  }
  return rest;
}

/// How far atom i of a block lies from where the shift of the block's first atom puts it, modulo lattice vectors.
Vector drift_of(const Structure& structure, std::size_t block, std::size_t i) {
  const auto& positions = structure.positions;
  Vector drift{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    drift[axis] = positions[block + i][axis] - positions[i][axis] - positions[block][axis] + positions[0][axis];
  }
  return without_lattice_vectors(structure, drift);
}

bool repeats_positions(const Structure& structure, std::size_t n) {
  constexpr double kToleranceA = 1.0;  // below any bond, above the thermal displacements of four atoms
  for (std::size_t block = n; block < structure.positions.size(); block += n) {
    for (std::size_t i = 0; i < n; ++i) {
      const Vector drift = drift_of(structure, block, i);
      if (std::hypot(drift[0], drift[1], drift[2]) > kToleranceA) return false;
    }
  }
  return true;
}

/// Moves every atom to where the mean of all blocks puts it; each block keeps its own mean place.
Structure average_blocks(const Structure& structure, std::size_t n) {
  const std::size_t n_blocks = structure.positions.size() / n;
  std::vector<Vector> mean_drift(n, Vector{});
  std::vector<Vector> block_drift(n_blocks, Vector{});
  for (std::size_t b = 1; b < n_blocks; ++b) {
    for (std::size_t i = 0; i < n; ++i) {
      const Vector drift = drift_of(structure, b * n, i);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        mean_drift[i][axis] += drift[axis] / static_cast<double>(n_blocks);
        block_drift[b][axis] += drift[axis] / static_cast<double>(n);
      }
    }
  }
  Vector overall{};
  for (const Vector& drift : block_drift) {
    for (std::size_t axis = 0; axis < 3; ++axis) overall[axis] += drift[axis] / static_cast<double>(n_blocks);
  }
  Structure result = structure;
  for (std::size_t b = 0; b < n_blocks; ++b) {
    for (std::size_t i = 0; i < n; ++i) {
      const Vector own = b == 0 ? Vector{} : drift_of(structure, b * n, i);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        result.positions[b * n + i][axis] += mean_drift[i][axis] + block_drift[b][axis] - overall[axis] - own[axis];
      }
    }
  }
  return result;
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

SourceCell find_source_cell(const Structure& structure) {
  const int n_atoms = structure.n_atoms();
  const bool is_crystal = structure.pbc[0] && structure.pbc[1] && structure.pbc[2];
  SourceCell all{n_atoms, structure, perceive_bonds(structure, Dialect::lammps_interface)};
  for (int n = 1; is_crystal && n <= n_atoms / 2; ++n) {
    if (n_atoms % n != 0 || !repeats_elements(structure, n) ||
        !repeats_positions(structure, static_cast<std::size_t>(n)))
      continue;
    SourceCell cell{n, average_blocks(structure, static_cast<std::size_t>(n)), {}};
    cell.graph = perceive_bonds(cell.idealized, Dialect::lammps_interface);
    if (repeats_bonds(cell.graph, n)) return cell;
  }
  return all;
}

}  // namespace mofkernel::uff4mof
