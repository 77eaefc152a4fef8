// The bins that device code sorts the atoms of one structure into; for host and device.
#pragma once

#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS {

/// Bins in fractional coordinates of the completed lattice, so that no cell is too skewed or too small: a bin index
/// that leaves the cell comes back with a lattice shift. Along an axis without periodicity the bins repeat: atoms far
/// from each other may share one, and their distance tells them apart.
struct BinGrid {
  double rows[9];     ///< completed lattice, A
  double inverse[9];  ///< fractional = cartesian @ inverse
  double scale[3];    ///< bins per unit of fractional coordinate
  int n_bins[3];
  int reach[3];  ///< bins to look at on either side
  int pbc[3];
  bool is_usable;
};

inline constexpr int kLargestShift = 120;  // a packed shift holds [-128, 127]

/// Two bins per list cutoff: 125 bins hold 27 % pairs in reach, against 16 % for one bin per cutoff.
inline constexpr double kBinsPerCutoff = 2.0;

/// Most bins of a structure: twice what a framework needs. Known from the number of atoms alone, so that a cell that
/// changes never asks for more room.
MOFK_HD inline int max_bins(int n_atoms) { return n_atoms / 4 + 8; }

MOFK_HD inline BinGrid make_bin_grid(const double* cell, const int* pbc, int n_atoms, double reach) {
  BinGrid grid{};
  grid.is_usable = is_usable_lattice(cell, pbc);
  if (!grid.is_usable) return grid;
  complete_lattice(cell, pbc, grid.rows);
  invert(grid.rows, grid.inverse);
  for (int a = 0; a < 3; ++a) {
    grid.pbc[a] = pbc[a];
    const double column[3] = {grid.inverse[a], grid.inverse[3 + a], grid.inverse[6 + a]};
    const double width = reach * norm3(column);  // the reach in fractional coordinates
    grid.scale[a] = kBinsPerCutoff / width;
    // Along an axis without periodicity: as many as a compact cluster needs, more only where images share no bins.
    const double n = pbc[a] != 0 ? grid.scale[a] : cbrt(static_cast<double>(n_atoms));
    grid.n_bins[a] = n < 1 ? 1 : n > 1024 ? 1024 : static_cast<int>(n);
    // An image further away than a packed shift can say; such a cell is far below any atom's size.
    if (pbc[a] != 0 && width + 1 > kLargestShift) grid.is_usable = false;
  }
  // Much vacuum: fewer and larger bins.
  while (static_cast<double>(grid.n_bins[0]) * grid.n_bins[1] * grid.n_bins[2] > max_bins(n_atoms)) {
    int largest = 0;
    for (int a = 1; a < 3; ++a) {
      if (grid.n_bins[a] > grid.n_bins[largest]) largest = a;
    }
    grid.n_bins[largest] = (grid.n_bins[largest] + 1) / 2;
  }
  for (int a = 0; a < 3; ++a) {
    if (pbc[a] != 0) grid.scale[a] = grid.n_bins[a];
    const double column[3] = {grid.inverse[a], grid.inverse[3 + a], grid.inverse[6 + a]};
    grid.reach[a] = static_cast<int>(ceil(reach * norm3(column) * grid.scale[a]));
  }
  return grid;
}

/// Bin of one axis from a fractional coordinate; along a periodic axis the coordinate is a wrapped one.
MOFK_HD inline int bin_along(const BinGrid& grid, int axis, double fractional) {
  const int n = grid.n_bins[axis];
  const int bin = static_cast<int>(floor(fractional * grid.scale[axis]));
  if (grid.pbc[axis] != 0) return bin < 0 ? 0 : bin < n ? bin : n - 1;
  return (bin % n + n) % n;
}

/// How many bins to visit along an axis, each once, beginning `reach` bins before an atom's own.
MOFK_HD inline int n_visited_bins(const BinGrid& grid, int axis) {
  const int n = 2 * grid.reach[axis] + 1;
  return grid.pbc[axis] == 0 && grid.n_bins[axis] < n ? grid.n_bins[axis] : n;
}

/// Brings a bin index into range; gives the lattice shift of what is then found there.
MOFK_HD inline int fold_bin(const BinGrid& grid, int axis, int& bin) {
  const int n = grid.n_bins[axis];
  const int turns = bin >= 0 ? bin / n : -((n - 1 - bin) / n);
  bin -= turns * n;
  return grid.pbc[axis] != 0 ? turns : 0;
}

}  // namespace mofkernel::MOFK_NS
