#include "potentials/dispersion/dispersion.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "geometry/lattice.hpp"
#include "potentials/dispersion/model.hpp"
#include "potentials/dispersion/plain_dispersion.hpp"
#ifndef __CUDACC__
#include "potentials/dispersion/dispersion_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

namespace {

// CPU: points, the images they are sorted from (in an array that grows by doubling), and bins.
constexpr double kBytesPerPoint = 100;
constexpr double kBytesPerAtom = 360;
/// GPU: entries of the neighbor list, with what its rows have to spare.
constexpr double kBytesPerNeighbor = 11;
constexpr double kBytesPerAtomAndElement = 80;
/// Atoms per A^3 where no cell tells it: diamond's.
constexpr double kDensestSolid_A3 = 0.18;

/// Atoms and images around them on the CPU, per atom: the cell grown by the reach on all sides.
double points_per_atom(const Structure& structure, double reach) {
  const int pbc[3] = {structure.pbc[0], structure.pbc[1], structure.pbc[2]};
  double rows[9];
  double inverse[9];
  complete_lattice(structure.cell.front().data(), pbc, rows);
  if (determinant(rows) == 0) return 1;
  invert(rows, inverse);
  double points = 1;
  for (int a = 0; a < 3; ++a) {
    const double column[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
    if (pbc[a] != 0) points *= 1 + 2 * reach * norm3(column);
  }
  return points;
}

/// Entries of a row of the list on a GPU.
double neighbors_per_atom(const Structure& structure, double reach) {
  const bool has_images = structure.pbc[0] || structure.pbc[1] || structure.pbc[2];
  const bool is_crystal = structure.pbc[0] && structure.pbc[1] && structure.pbc[2];
  const double volume = is_crystal ? std::abs(determinant(structure.cell.front().data())) : 0;
  const double density = volume > 0 ? structure.n_atoms() / volume : kDensestSolid_A3;
  const double in_sphere = density * 4.18879 * std::pow(reach + kDispersionSkin_A, 3);
  return has_images ? in_sphere : std::min<double>(in_sphere, structure.n_atoms());
}

}  // namespace

std::unique_ptr<Potential> make_dispersion(const Context& context, std::span<const Structure> structures,
                                           const dispersion::Options& options, Precision precision) {
  const dispersion::Model model = dispersion::build_model(structures, options);
#ifdef __CUDACC__
  return make_plain_dispersion(context, model, precision);
#else
  return make_dispersion_cpu(context, model, precision);
#endif
}

double predict_dispersion_bytes(const Structure& structure, const dispersion::Options& options) {
  const double reach = std::max(options.cutoff_A, options.coordination_cutoff_A);
  double bytes_per_atom = kBytesPerAtom;
  if constexpr (kIsCuda) {
    const std::set<int> elements(structure.atomic_numbers.begin(), structure.atomic_numbers.end());
    bytes_per_atom += kBytesPerAtomAndElement * static_cast<double>(elements.size()) +
                      kBytesPerNeighbor * neighbors_per_atom(structure, reach);
  } else {
    bytes_per_atom += kBytesPerPoint * points_per_atom(structure, reach);
  }
  return structure.n_atoms() * bytes_per_atom;
}

}  // namespace mofkernel::MOFK_NS
