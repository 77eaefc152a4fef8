#include "geometry/neighbor_list.hpp"

#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// Bins of one structure, in fractional coordinates of the completed lattice, so that no cell is too skewed or too
/// small: a bin index that leaves the cell comes back with a lattice shift.
struct Grid {
  double rows[9];     // completed lattice, A
  double inverse[9];  // fractional = cartesian @ inverse
  double low[3];      // fractional coordinate where bin 0 begins; 0 along periodic axes
  double scale[3];    // bins per unit of fractional coordinate
  int n_bins[3];
  int reach[3];  // bins to look at on either side
  int pbc[3];
  int first_bin;
  int n_bins_total;
  bool is_usable;
};

constexpr int kLargestShift = 120;  // a packed shift holds [-128, 127]

/// Two bins per list cutoff: 125 bins hold 27 % pairs in reach, against 16 % for one bin per cutoff.
constexpr double kBinsPerCutoff = 2.0;

MOFK_HD inline Grid make_grid(const double* cell, const int* pbc, const double* positions, int n_atoms, double reach) {
  Grid grid{};
  grid.is_usable = is_usable_lattice(cell, pbc);
  if (!grid.is_usable) return grid;
  complete_lattice(cell, pbc, grid.rows);
  invert(grid.rows, grid.inverse);
  double extent[3] = {1.0, 1.0, 1.0};
  for (int a = 0; a < 3; ++a) {
    grid.pbc[a] = pbc[a];
    if (pbc[a] != 0) continue;
    double low = 1e300;
    double high = -1e300;
    for (int i = 0; i < n_atoms; ++i) {
      double fractional[3];
      row_times_matrix(positions + 3 * i, grid.inverse, fractional);
      low = fractional[a] < low ? fractional[a] : low;
      high = fractional[a] > high ? fractional[a] : high;
    }
    grid.low[a] = low;
    extent[a] = high - low > 1e-3 ? high - low : 1e-3;
  }
  double inverse_width[3];  // of one unit of fractional coordinate, 1/A
  for (int a = 0; a < 3; ++a) {
    const double column[3] = {grid.inverse[a], grid.inverse[3 + a], grid.inverse[6 + a]};
    inverse_width[a] = norm3(column);
    const double n = kBinsPerCutoff * extent[a] / (inverse_width[a] * reach);
    grid.n_bins[a] = n < 1 ? 1 : n > 1024 ? 1024 : static_cast<int>(n);
  }
  // Much vacuum: no more bins than a few times the atoms.
  while (static_cast<double>(grid.n_bins[0]) * grid.n_bins[1] * grid.n_bins[2] > 4.0 * n_atoms + 64) {
    int largest = 0;
    for (int a = 1; a < 3; ++a) {
      if (grid.n_bins[a] > grid.n_bins[largest]) largest = a;
    }
    grid.n_bins[largest] = (grid.n_bins[largest] + 1) / 2;
  }
  for (int a = 0; a < 3; ++a) {
    grid.scale[a] = grid.n_bins[a] / extent[a];
    grid.reach[a] = static_cast<int>(ceil(reach * inverse_width[a] * grid.scale[a]));
    // An image further away than a packed shift can say; such a cell is far below any atom's size.
    if (pbc[a] != 0 && grid.reach[a] / grid.n_bins[a] + 1 > kLargestShift) grid.is_usable = false;
  }
  grid.n_bins_total = grid.n_bins[0] * grid.n_bins[1] * grid.n_bins[2];
  return grid;
}

/// Bin of one axis with the lattice shift that brings it into the cell; false when there is nothing (no images there).
MOFK_HD inline bool fold_bin(const Grid& grid, int axis, int& bin, int& shift) {
  const int n = grid.n_bins[axis];
  if (grid.pbc[axis] == 0) {
    shift = 0;
    return bin >= 0 && bin < n;
  }
  shift = bin >= 0 ? bin / n : -((n - 1 - bin) / n);
  bin -= shift * n;
  return true;
}

/// Where an atom is at the time of building.
struct PlacedAtom {
  double x[3];  // wrapped
  int bin[3];
};

/// What the search needs, in one argument.
struct Search {
  const Grid* grids;
  const int* structure_of_atom;
  const double* positions;
  const PlacedAtom* atoms;  // by atom
  const int* bin_first;
  const int* bin_atoms;  // by place in the bins
  const double* bin_positions;
  const int* wrap;
  const int* exclusion_first;
  const int* exclusion_atom;
  const Shift* exclusion_shift;
  double reach_squared;
};

/// Squared distance of the farthest excluded partner of atom i: only nearer pairs need a look into the exclusions.
MOFK_HD inline double excluded_reach_squared(const Search& search, const Grid& grid, int i) {
  double largest = -1.0;
  for (int e = search.exclusion_first[i]; e < search.exclusion_first[i + 1]; ++e) {
    const int j = search.exclusion_atom[e];
    double lattice[3];
    for (int a = 0; a < 3; ++a) lattice[a] = grid.pbc[a] != 0 ? search.exclusion_shift[e][a] : 0;
    double d[3];
    row_times_matrix(lattice, grid.rows, d);
    double squared = 0.0;
    for (int a = 0; a < 3; ++a) {
      d[a] += search.positions[3 * j + a] - search.positions[3 * i + a];
      squared += d[a] * d[a];
    }
    largest = squared > largest ? squared : largest;
  }
  return largest * (1.0 + 1e-6);  // rounding differs from that of wrapped coordinates
}

MOFK_HD inline bool is_excluded(const Search& search, int i, int j, const int* shift) {
  for (int e = search.exclusion_first[i]; e < search.exclusion_first[i + 1]; ++e) {
    if (search.exclusion_atom[e] != j) continue;
    bool is_same = true;
    for (int a = 0; a < 3; ++a) {
      is_same = is_same && search.exclusion_shift[e][a] == shift[a] + search.wrap[3 * j + a] - search.wrap[3 * i + a];
    }
    if (is_same) return true;
  }
  return false;
}

/// Calls visit(j, packed shift) for every neighbor of atom i, always in the same order.
template <class Visit>
MOFK_HD inline void for_each_neighbor(const Search& search, int i, Visit visit) {
  const Grid& grid = search.grids[search.structure_of_atom[i]];
  const PlacedAtom& atom = search.atoms[i];
  const double excluded_reach = excluded_reach_squared(search, grid, i);
  for (int da = -grid.reach[0]; da <= grid.reach[0]; ++da) {
    int bin_a = atom.bin[0] + da;
    int shift[3];
    if (!fold_bin(grid, 0, bin_a, shift[0])) continue;
    for (int db = -grid.reach[1]; db <= grid.reach[1]; ++db) {
      int bin_b = atom.bin[1] + db;
      if (!fold_bin(grid, 1, bin_b, shift[1])) continue;
      for (int dc = -grid.reach[2]; dc <= grid.reach[2]; ++dc) {
        int bin_c = atom.bin[2] + dc;
        if (!fold_bin(grid, 2, bin_c, shift[2])) continue;
        const double s[3] = {1.0 * shift[0], 1.0 * shift[1], 1.0 * shift[2]};
        double origin[3];
        row_times_matrix(s, grid.rows, origin);
        for (int a = 0; a < 3; ++a) origin[a] -= atom.x[a];
        const bool is_home = shift[0] == 0 && shift[1] == 0 && shift[2] == 0;
        const int bin = grid.first_bin + (bin_a * grid.n_bins[1] + bin_b) * grid.n_bins[2] + bin_c;
        for (int k = search.bin_first[bin]; k < search.bin_first[bin + 1]; ++k) {
          const double x = search.bin_positions[3 * k] + origin[0];
          const double y = search.bin_positions[3 * k + 1] + origin[1];
          const double z = search.bin_positions[3 * k + 2] + origin[2];
          const double r2 = x * x + y * y + z * z;
          if (r2 >= search.reach_squared) continue;
          const int j = search.bin_atoms[k];
          if (is_home && j == i) continue;
          if (r2 <= excluded_reach && is_excluded(search, i, j, shift)) continue;
          visit(j, pack_shift(shift[0], shift[1], shift[2]));
        }
      }
    }
  }
}

}  // namespace

NeighborList::NeighborList(const Context& context, double cutoff, double skin)
    : context_(&context),
      cutoff_(cutoff),
      skin_(skin),
      first_(context),
      atom_(context),
      shift_(context),
      wrap_(context),
      reference_positions_(context),
      reference_cells_(context),
      deformations_(context),
      flag_(context, 1) {}

bool NeighborList::update(const Batch& batch, const Exclusions& exclusions) {
  if (is_built_ && is_still_valid(batch)) return false;
  is_built_ = false;
  build(batch, exclusions);
  reference_positions_.copy_from(batch.positions);
  reference_cells_.copy_from(batch.cells);
  is_built_ = true;
  return true;
}

ListReference NeighborList::reference() const {
  if (!is_built_) return {};
  return {reference_positions_.to_host(), reference_cells_.to_host()};
}

void NeighborList::restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference) {
  is_built_ = false;
  if (reference.positions.empty()) return;
  Batch then(*context_);
  then.n_structures = batch.n_structures;
  then.n_atoms = batch.n_atoms;
  then.first_atom.copy_from(batch.first_atom);
  then.structure_of_atom.copy_from(batch.structure_of_atom);
  then.pbc.copy_from(batch.pbc);
  then.positions.upload(reference.positions);
  then.cells.upload(reference.cells);
  update(then, exclusions);
}

// With F = reference_cell^-1 @ cell, a position is reference_position @ F + u. A pair now at d was at (d - du) @ F^-1,
// so no pair inside the cutoff is missing while (cutoff + 2 max|u|) |F^-1| <= cutoff + skin; |F^-1| <= 1 + |F^-1 -
// 1|_Frobenius.
bool NeighborList::is_still_valid(const Batch& batch) {
  flag_.fill_zero();
  const double cutoff = cutoff_;
  const double skin = skin_;
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const int* const pbc = batch.pbc.data();
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const double* const reference_positions = reference_positions_.data();
  const double* const reference_cells = reference_cells_.data();
  int* const flag = flag_.data();
  deformations_.resize(static_cast<std::size_t>(batch.n_structures) * 10);
  double* const deformation = deformations_.data();
  parallel_for(
      *context_, batch.n_structures,
      MOFK_LAMBDA(int s) {
        // deformation[s]: F (9) and the largest |u| allowed (1)
        double* const f = deformation + 10 * s;
        double now[9];
        double before[9];
        double inverse[9];
        if (!is_usable_lattice(cells + 9 * s, pbc + 3 * s)) {
          f[9] = -1.0;
          *flag = 1;
          return;
        }
        complete_lattice(cells + 9 * s, pbc + 3 * s, now);
        complete_lattice(reference_cells + 9 * s, pbc + 3 * s, before);
        invert(before, inverse);
        for (int a = 0; a < 3; ++a) row_times_matrix(inverse + 3 * a, now, f + 3 * a);
        invert(now, inverse);
        double distance = 0.0;
        for (int a = 0; a < 3; ++a) {
          double row[3];
          row_times_matrix(inverse + 3 * a, before, row);
          for (int b = 0; b < 3; ++b) distance += (row[b] - (a == b ? 1.0 : 0.0)) * (row[b] - (a == b ? 1.0 : 0.0));
        }
        f[9] = ((cutoff + skin) / (1.0 + sqrt(distance)) - cutoff) / 2.0;
        if (!(f[9] > 0.0)) *flag = 1;
      },
      256);
  parallel_for(
      *context_, batch.n_atoms,
      MOFK_LAMBDA(int i) {
        const double* const f = deformation + 10 * structure_of_atom[i];
        double u[3];
        row_times_matrix(reference_positions + 3 * i, f, u);
        for (int a = 0; a < 3; ++a) u[a] -= positions[3 * i + a];
        if (!(u[0] * u[0] + u[1] * u[1] + u[2] * u[2] <= f[9] * f[9])) *flag = 1;
      },
      8192);
  return flag_.to_host()[0] == 0;
}

void NeighborList::build(const Batch& batch, const Exclusions& exclusions) {
  const Context& context = *context_;
  const int n_atoms = batch.n_atoms;
  const double reach = cutoff_ + skin_;
  const int* const first_atom = batch.first_atom.data();
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const int* const pbc = batch.pbc.data();
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();

  Buffer<Grid> grids(context, static_cast<std::size_t>(batch.n_structures));
  Grid* const d_grids = grids.data();
  parallel_for(
      context, batch.n_structures,
      MOFK_LAMBDA(int s) {
        const int first = first_atom[s];
        d_grids[s] = make_grid(cells + 9 * s, pbc + 3 * s, positions + 3 * first, first_atom[s + 1] - first, reach);
      },
      64);
  std::vector<Grid> host_grids = grids.to_host();
  std::int64_t n_bins = 0;
  for (int s = 0; s < batch.n_structures; ++s) {
    Grid& grid = host_grids[static_cast<std::size_t>(s)];
    if (!grid.is_usable) {
      throw KernelError(ErrorCode::bad_structure, "structure " + std::to_string(s) +
                                                      ": the cell has no volume, is not finite, or is thinner than " +
                                                      "1/100 of the cutoff; correct its lattice vectors");
    }
    grid.first_bin = static_cast<int>(n_bins);
    n_bins += grid.n_bins_total;
  }
  if (n_bins > std::numeric_limits<int>::max() / 2) {
    throw KernelError(ErrorCode::out_of_memory, "the batch is too large for one neighbor list; split it");
  }
  grids.upload(host_grids);

  Buffer<PlacedAtom> placed(context, static_cast<std::size_t>(n_atoms));
  Buffer<int> bin_of_atom(context, static_cast<std::size_t>(n_atoms));
  Buffer<int> bin_counts(context, static_cast<std::size_t>(n_bins));
  bin_counts.fill_zero();
  wrap_.resize(static_cast<std::size_t>(n_atoms) * 3);
  flag_.fill_zero();
  PlacedAtom* const d_placed = placed.data();
  int* const d_bin_of_atom = bin_of_atom.data();
  int* const d_bin_counts = bin_counts.data();
  int* const wrap = wrap_.data();
  int* const flag = flag_.data();
  parallel_for(
      context, n_atoms,
      MOFK_LAMBDA(int i) {
        const Grid& grid = d_grids[structure_of_atom[i]];
        double fractional[3];
        row_times_matrix(positions + 3 * i, grid.inverse, fractional);
        double lattice[3];
        PlacedAtom& atom = d_placed[i];
        for (int a = 0; a < 3; ++a) {
          // A shift of more than 1e8 lattice vectors would not leave a digit of the position inside the cell.
          if (!(fabs(fractional[a]) < 1e8)) {
            *flag = 1;
            fractional[a] = 0.0;
          }
          lattice[a] = grid.pbc[a] != 0 ? -floor(fractional[a]) : 0.0;
          wrap[3 * i + a] = static_cast<int>(lattice[a]);
          const int bin = static_cast<int>((fractional[a] + lattice[a] - grid.low[a]) * grid.scale[a]);
          atom.bin[a] = bin < 0 ? 0 : bin < grid.n_bins[a] ? bin : grid.n_bins[a] - 1;
        }
        row_times_matrix(lattice, grid.rows, atom.x);
        for (int a = 0; a < 3; ++a) atom.x[a] += positions[3 * i + a];
        const int bin = grid.first_bin + (atom.bin[0] * grid.n_bins[1] + atom.bin[1]) * grid.n_bins[2] + atom.bin[2];
        d_bin_of_atom[i] = bin;
        atomic_fetch_add(d_bin_counts + bin, 1);
      },
      4096);
  if (flag_.to_host()[0] != 0) {
    throw KernelError(ErrorCode::non_finite,
                      "a position is not finite, or further than 1e8 cells away from the origin");
  }

  Buffer<int> bin_first(context, static_cast<std::size_t>(n_bins) + 1);
  exclusive_scan(context, static_cast<int>(n_bins), bin_counts.data(), bin_first.data());
  Buffer<int> bin_atoms(context, static_cast<std::size_t>(n_atoms));
  const int* const d_bin_first = bin_first.data();
  int* const d_bin_atoms = bin_atoms.data();
  bin_counts.fill_zero();
  parallel_for(
      context, n_atoms,
      MOFK_LAMBDA(int i) {
        const int bin = d_bin_of_atom[i];
        d_bin_atoms[d_bin_first[bin] + atomic_fetch_add(d_bin_counts + bin, 1)] = i;
      },
      8192);
  // The threads filled the bins in an open order: sort each, so that every run sums in the same order.
  parallel_for(
      context, static_cast<int>(n_bins),
      MOFK_LAMBDA(int bin) {
        for (int k = d_bin_first[bin] + 1; k < d_bin_first[bin + 1]; ++k) {
          const int atom = d_bin_atoms[k];
          int to = k;
          for (; to > d_bin_first[bin] && d_bin_atoms[to - 1] > atom; --to) d_bin_atoms[to] = d_bin_atoms[to - 1];
          d_bin_atoms[to] = atom;
        }
      },
      2048);

  Buffer<double> bin_positions(context, static_cast<std::size_t>(n_atoms) * 3);
  double* const d_bin_positions = bin_positions.data();
  parallel_for(
      context, n_atoms,
      MOFK_LAMBDA(int k) {
        for (int a = 0; a < 3; ++a) d_bin_positions[3 * k + a] = d_placed[d_bin_atoms[k]].x[a];
      },
      8192);

  const Search search{d_grids,
                      structure_of_atom,
                      positions,
                      d_placed,
                      d_bin_first,
                      d_bin_atoms,
                      d_bin_positions,
                      wrap,
                      exclusions.first.data(),
                      exclusions.atom.data(),
                      exclusions.shift.data(),
                      reach * reach};
  Buffer<int> counts(context, static_cast<std::size_t>(n_atoms));
  int* const d_counts = counts.data();
  parallel_for(
      context, n_atoms,
      MOFK_LAMBDA(int i) {
        int count = 0;
        for_each_neighbor(search, i, [&count](int, int) { ++count; });
        d_counts[i] = count;
      },
      8);
  first_.resize(static_cast<std::size_t>(n_atoms) + 1);
  exclusive_scan(context, n_atoms, d_counts, first_.data());
  n_entries_ = first_.to_host().back();
  if (n_entries_ < 0) {
    throw KernelError(ErrorCode::out_of_memory,
                      "more than 2^31 pairs inside the cutoff; use a smaller structure, batch or cutoff");
  }
  atom_.resize(static_cast<std::size_t>(n_entries_));
  shift_.resize(static_cast<std::size_t>(n_entries_));
  const int* const first = first_.data();
  int* const out_atom = atom_.data();
  int* const out_shift = shift_.data();
  parallel_for(
      context, n_atoms,
      MOFK_LAMBDA(int i) {
        int k = first[i];
        for_each_neighbor(search, i, [&k, out_atom, out_shift](int j, int shift) {
          out_atom[k] = j;
          out_shift[k] = shift;
          ++k;
        });
      },
      8);
}

}  // namespace mofkernel::MOFK_NS
