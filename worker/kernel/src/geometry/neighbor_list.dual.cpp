// Five launches that never wait for the host: has anything moved too far? If so, place the atoms, sort the bins and
// search them; if not, those three return at once.
#include "geometry/neighbor_list.hpp"

#include <array>

#include "geometry/list_errors.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// Threads that search for the neighbors of one atom on a GPU: a bin holds about eight atoms.
constexpr int kSearchLanes = 8;

/// Rows begin at multiples of this, so that a row's first loads are whole memory sectors.
constexpr int kRowAlignment = 8;

/// The excluded pairs of one atom.
struct ExcludedPairs {
  const int* atom;
  const Shift* shift;
  const int* wrap;
  int i, first, last;

  MOFK_HD bool contains(int j, const int* shift_of_j) const {
    for (int e = first; e < last; ++e) {
      if (atom[e] != j) continue;
      bool is_same = true;
      for (int a = 0; a < 3; ++a) {
        is_same = is_same && shift[e][a] == shift_of_j[a] + wrap[3 * j + a] - wrap[3 * i + a];
      }
      if (is_same) return true;
    }
    return false;
  }

  /// Squared distance of the farthest one, or a negative number: only nearer pairs need a look at them.
  MOFK_HD double reach_squared(const BinGrid& grid, const double* positions) const {
    double largest = -1.0;
    for (int e = first; e < last; ++e) {
      double lattice[3];
      for (int a = 0; a < 3; ++a) lattice[a] = grid.pbc[a] != 0 ? shift[e][a] : 0;
      double d[3];
      row_times_matrix(lattice, grid.rows, d);
      double squared = 0.0;
      for (int a = 0; a < 3; ++a) {
        d[a] += positions[3 * atom[e] + a] - positions[3 * i + a];
        squared += d[a] * d[a];
      }
      largest = squared > largest ? squared : largest;
    }
    return largest * (1.0 + 1e-6);  // rounding differs from that of wrapped coordinates
  }
};

}  // namespace

Batch batch_at(const Context& context, const Batch& batch, const ListReference& reference) {
  Batch then(context);
  then.n_structures = batch.n_structures;
  then.n_atoms = batch.n_atoms;
  then.first_atom.copy_from(batch.first_atom);
  then.structure_of_atom.copy_from(batch.structure_of_atom);
  then.pbc.copy_from(batch.pbc);
  then.positions.upload(reference.positions);
  then.cells.upload(reference.cells);
  return then;
}

NeighborList::NeighborList(const Context& context, double cutoff, double skin, Room room)
    : context_(&context),
      cutoff_(cutoff),
      skin_(skin),
      atoms_per_bin_(room.atoms_per_bin),
      neighbors_per_atom_(room.neighbors_per_atom),
      state_(context, std::span<const State>(std::array<State, 1>{})),
      first_(context),
      last_(context),
      n_neighbors_(context),
      atom_(context),
      shift_(context),
      wrap_(context),
      reference_positions_(context),
      reference_cells_(context),
      grids_(context),
      placed_(context),
      n_in_bin_(context),
      binned_(context) {}

void NeighborList::update(const Batch& batch, const Exclusions& exclusions) {
  if (batch.n_atoms != n_atoms_ || batch.n_structures != n_structures_) reserve(batch);
  queue_update(batch, exclusions);
  if constexpr (!kIsCuda) {
    while (!confirm()) queue_update(batch, exclusions);
  }
}

void NeighborList::queue_update(const Batch& batch, const Exclusions& exclusions) {
  check_movement(batch);
  if constexpr (!kIsCuda) {
    if (state_.data()->must_build == 0) return;
  }
  place_atoms(batch);
  sort_bins();
  search(batch, exclusions);
}

bool NeighborList::confirm() {
  if (n_atoms_ == 0) return true;
  State state = state_.to_host()[0];
  // Where room was short, forces were wrong, and positions and cells that follow from them mean nothing.
  if (state.fullest_bin > 0 || state.has_full_row != 0) {
    if (state.fullest_bin > 0) {
      atoms_per_bin_ = state.fullest_bin + state.fullest_bin / 4;
      binned_.resize(static_cast<std::size_t>(n_bins_) * static_cast<std::size_t>(atoms_per_bin_));
    } else {
      enlarge_rows();
    }
    invalidate(state);
    return false;
  }
  if (state.structures_from_bad > 0) {
    invalidate(state);
    throw unusable_cell(n_structures_ - state.structures_from_bad);
  }
  if (state.has_absurd_position != 0) {
    invalidate(state);
    throw absurd_position();
  }
  return true;
}

NeighborList::Rows NeighborList::to_host() const {
  const std::vector<int> first = first_.to_host();
  const std::vector<int> last = last_.to_host();
  const std::vector<int> atom = atom_.to_host();
  const std::vector<int> shift = shift_.to_host();
  Rows rows{.first = {0}, .atom = {}, .shift = {}, .wrap = wrap_.to_host()};
  for (std::size_t i = 0; i < last.size(); ++i) {
    rows.atom.insert(rows.atom.end(), atom.begin() + first[i], atom.begin() + last[i]);
    rows.shift.insert(rows.shift.end(), shift.begin() + first[i], shift.begin() + last[i]);
    rows.first.push_back(static_cast<int>(rows.atom.size()));
  }
  return rows;
}

ListReference NeighborList::reference() const {
  const State state = state_.to_host()[0];
  if (state.is_built == 0) return {};
  return {reference_positions_.to_host(), reference_cells_.to_host(), state.n_builds};
}

void NeighborList::restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference) {
  invalidate(state_.to_host()[0]);
  if (reference.positions.empty()) return;
  const Batch then = batch_at(*context_, batch, reference);
  do update(then, exclusions);
  while (!confirm());
}

void NeighborList::reserve(const Batch& batch) {
  n_structures_ = batch.n_structures;
  n_atoms_ = batch.n_atoms;
  n_bins_ = 0;
  std::vector<Grid> grids(static_cast<std::size_t>(n_structures_));
  const std::vector<int> first_atom = batch.first_atom.to_host();
  for (std::size_t s = 0; s < grids.size(); ++s) {
    grids[s].first_bin = n_bins_;
    n_bins_ += max_bins(first_atom[s + 1] - first_atom[s]);
  }
  grids_.upload(grids);
  const auto n_atoms = static_cast<std::size_t>(n_atoms_);
  std::vector<int> first(n_atoms + 1);
  if (static_cast<std::int64_t>(n_atoms_) * neighbors_per_atom_ > std::numeric_limits<int>::max())
    throw too_many_pairs();
  for (std::size_t i = 0; i <= n_atoms; ++i) first[i] = static_cast<int>(i) * neighbors_per_atom_;
  first_.upload(first);
  atom_.resize(static_cast<std::size_t>(first.back()));
  shift_.resize(static_cast<std::size_t>(first.back()));
  last_.resize(n_atoms);
  n_neighbors_.resize(n_atoms);
  wrap_.resize(3 * n_atoms);
  wrap_.fill_zero();
  reference_positions_.resize(3 * n_atoms);
  reference_cells_.resize(9 * grids.size());
  placed_.resize(n_atoms);
  n_in_bin_.resize(static_cast<std::size_t>(n_bins_));
  binned_.resize(static_cast<std::size_t>(n_bins_) * static_cast<std::size_t>(atoms_per_bin_));
  invalidate(state_.to_host()[0]);
}

void NeighborList::enlarge_rows() {
  const std::vector<int> n_neighbors = n_neighbors_.to_host();
  const std::vector<int> old_first = first_.to_host();
  std::vector<int> first{0};
  std::int64_t end = 0;
  for (std::size_t i = 0; i < n_neighbors.size(); ++i) {
    const int n = n_neighbors[i];
    // No row shrinks: the lists of a block's start and of its end must fit one after the other.
    end += std::max(old_first[i + 1] - old_first[i], (n + n / 8 + 2 * kRowAlignment) / kRowAlignment * kRowAlignment);
    first.push_back(static_cast<int>(end));
  }
  if (end > std::numeric_limits<int>::max()) throw too_many_pairs();
  first_.upload(first);
  atom_.resize(static_cast<std::size_t>(end));
  shift_.resize(static_cast<std::size_t>(end));
}

void NeighborList::invalidate(State state) {
  const State fresh{.must_build = 0,
                    .is_built = 0,
                    .n_builds = state.n_builds,
                    .fullest_bin = 0,
                    .has_full_row = 0,
                    .structures_from_bad = 0,
                    .has_absurd_position = 0};
  state_.upload(std::span(&fresh, 1));
}

void NeighborList::check_movement(const Batch& batch) {
  const int n_structures = n_structures_;
  const int n_atoms = n_atoms_;
  const int n_bins = n_bins_;
  const double cutoff = cutoff_;
  const double skin = skin_;
  const int* const first_atom = batch.first_atom.data();
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const int* const pbc = batch.pbc.data();
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const double* const reference_positions = reference_positions_.data();
  const double* const reference_cells = reference_cells_.data();
  int* const n_in_bin = n_in_bin_.data();
  Grid* const grids = grids_.data();
  State* const state = state_.data();
  parallel_for(
      *context_, n_structures,
      MOFK_LAMBDA(int s) {
        if (s == 0) state->must_build = state->is_built != 0 ? 0 : 1;
        Grid& grid = grids[s];
        grid.bins = make_bin_grid(cells + 9 * s, pbc + 3 * s, first_atom[s + 1] - first_atom[s], cutoff + skin);
        if (!grid.bins.is_usable) {
          atomic_max(&state->structures_from_bad, n_structures - s);
          grid.deformation.largest_move = -1.0;
        } else if (state->is_built != 0) {
          grid.deformation = compute_deformation(reference_cells + 9 * s, cells + 9 * s, pbc + 3 * s, cutoff, skin);
        }
      },
      256);
  parallel_for(
      *context_, n_atoms,
      MOFK_LAMBDA(int i) {
        for (int bin = i; bin < n_bins; bin += n_atoms) n_in_bin[bin] = 0;
        if (state->is_built == 0) return;
        // A list that had too little room is not built again before confirm(): its counts must be those of the first
        // lack, not of atoms that have moved by wrong forces since, or a repeated block could lack it for ever.
        if (state->fullest_bin > 0 || state->has_full_row != 0) return;
        const Deformation& deformation = grids[structure_of_atom[i]].deformation;
        if (!is_within_reach(deformation, reference_positions + 3 * i, positions + 3 * i))
          atomic_max(&state->must_build, 1);
      },
      8192);
}

void NeighborList::place_atoms(const Batch& batch) {
  const int atoms_per_bin = atoms_per_bin_;
  const int* const first_atom = batch.first_atom.data();
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const Grid* const grids = grids_.data();
  State* const state = state_.data();
  int* const wrap = wrap_.data();
  double* const reference_positions = reference_positions_.data();
  double* const reference_cells = reference_cells_.data();
  PlacedAtom* const placed = placed_.data();
  BinnedAtom* const binned = binned_.data();
  int* const n_in_bin = n_in_bin_.data();
  parallel_for(
      *context_, n_atoms_,
      MOFK_LAMBDA(int i) {
        if (state->must_build == 0) return;
        if (i == 0) {
          state->is_built = 1;
          ++state->n_builds;
        }
        const int s = structure_of_atom[i];
        if (i == first_atom[s]) {
          for (int k = 0; k < 9; ++k) reference_cells[9 * s + k] = cells[9 * s + k];
        }
        for (int a = 0; a < 3; ++a) reference_positions[3 * i + a] = positions[3 * i + a];
        const BinGrid& grid = grids[s].bins;
        if (!grid.is_usable) return;
        double fractional[3];
        row_times_matrix(positions + 3 * i, grid.inverse, fractional);
        double lattice[3];
        PlacedAtom atom;
        for (int a = 0; a < 3; ++a) {
          // A shift of more than 1e8 lattice vectors would not leave a digit of the position inside the cell.
          if (!(fabs(fractional[a]) < 1e8)) {
            atomic_max(&state->has_absurd_position, 1);
            fractional[a] = 0.0;
          }
          lattice[a] = grid.pbc[a] != 0 ? -floor(fractional[a]) : 0.0;
          wrap[3 * i + a] = static_cast<int>(lattice[a]);
          atom.bin[a] = bin_along(grid, a, fractional[a] + lattice[a]);
        }
        row_times_matrix(lattice, grid.rows, atom.x);
        for (int a = 0; a < 3; ++a) atom.x[a] += positions[3 * i + a];
        placed[i] = atom;
        const int bin =
            grids[s].first_bin + (atom.bin[0] * grid.n_bins[1] + atom.bin[1]) * grid.n_bins[2] + atom.bin[2];
        const int place = atomic_fetch_add(n_in_bin + bin, 1);
        if (place < atoms_per_bin) {
          binned[static_cast<std::size_t>(bin) * atoms_per_bin + place] = {{atom.x[0], atom.x[1], atom.x[2]}, i};
        } else {
          atomic_max(&state->fullest_bin, place + 1);
        }
      },
      4096);
}

// The threads filled the bins in an open order: sorted, every run sums in the same one.
void NeighborList::sort_bins() {
  const int atoms_per_bin = atoms_per_bin_;
  const State* const state = state_.data();
  const int* const n_in_bin = n_in_bin_.data();
  BinnedAtom* const binned = binned_.data();
  parallel_for(
      *context_, n_bins_,
      MOFK_LAMBDA(int bin) {
        if (state->must_build == 0) return;
        BinnedAtom* const atoms = binned + static_cast<std::size_t>(bin) * atoms_per_bin;
        const int n = n_in_bin[bin] < atoms_per_bin ? n_in_bin[bin] : atoms_per_bin;
        for (int k = 1; k < n; ++k) {
          const BinnedAtom atom = atoms[k];
          int to = k;
          for (; to > 0 && atoms[to - 1].atom > atom.atom; --to) atoms[to] = atoms[to - 1];
          atoms[to] = atom;
        }
      },
      2048);
}

void NeighborList::search(const Batch& batch, const Exclusions& exclusions) {
  const int atoms_per_bin = atoms_per_bin_;
  const double reach_squared = (cutoff_ + skin_) * (cutoff_ + skin_);
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const double* const positions = batch.positions.data();
  const int* const exclusion_first = exclusions.first.data();
  const int* const exclusion_atom = exclusions.atom.data();
  const Shift* const exclusion_shift = exclusions.shift.data();
  const Grid* const grids = grids_.data();
  const PlacedAtom* const placed = placed_.data();
  const BinnedAtom* const binned = binned_.data();
  const int* const n_in_bin = n_in_bin_.data();
  const int* const wrap = wrap_.data();
  const int* const first = first_.data();
  State* const state = state_.data();
  int* const last = last_.data();
  int* const n_neighbors = n_neighbors_.data();
  int* const out_atom = atom_.data();
  int* const out_shift = shift_.data();
  parallel_for_teams<kSearchLanes>(
      *context_, n_atoms_,
      MOFK_LAMBDA(int i, Team<kSearchLanes> team) {
        if (state->must_build == 0) return;
        constexpr int kLanes = Team<kSearchLanes>::kLanes;
        const Grid& own = grids[structure_of_atom[i]];
        const BinGrid& grid = own.bins;
        const int begin = first[i];
        const int room = first[i + 1] - begin;
        int n_found = 0;
        if (grid.is_usable) {
          const PlacedAtom home = placed[i];
          const ExcludedPairs excluded{exclusion_atom,     exclusion_shift,       wrap, i,
                                       exclusion_first[i], exclusion_first[i + 1]};
          const double excluded_reach = excluded.reach_squared(grid, positions);
          const int n_visited[3] = {n_visited_bins(grid, 0), n_visited_bins(grid, 1), n_visited_bins(grid, 2)};
          const int n_cells = n_visited[0] * n_visited[1] * n_visited[2];
          for (int cell = 0; cell < n_cells; ++cell) {
            int bin[3] = {cell / (n_visited[1] * n_visited[2]), cell / n_visited[2] % n_visited[1],
                          cell % n_visited[2]};
            int shift[3];
            double offset[3];
            for (int a = 0; a < 3; ++a) {
              bin[a] += home.bin[a] - grid.reach[a];
              shift[a] = fold_bin(grid, a, bin[a]);
            }
            const double lattice[3] = {1.0 * shift[0], 1.0 * shift[1], 1.0 * shift[2]};
            row_times_matrix(lattice, grid.rows, offset);
            for (int a = 0; a < 3; ++a) offset[a] -= home.x[a];
            const int packed = pack_shift(shift[0], shift[1], shift[2]);
            const int number = own.first_bin + (bin[0] * grid.n_bins[1] + bin[1]) * grid.n_bins[2] + bin[2];
            const BinnedAtom* const atoms = binned + static_cast<std::size_t>(number) * atoms_per_bin;
            const int n_atoms = n_in_bin[number] < atoms_per_bin ? n_in_bin[number] : atoms_per_bin;
            for (int k = 0; k < n_atoms; k += kLanes) {
              bool is_neighbor = false;
              int j = -1;
              if (k + team.lane < n_atoms) {
                const BinnedAtom& other = atoms[k + team.lane];
                const double d[3] = {other.x[0] + offset[0], other.x[1] + offset[1], other.x[2] + offset[2]};
                const double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                j = other.atom;
                is_neighbor = r2 < reach_squared && !(j == i && packed == kNoShift) &&
                              !(r2 <= excluded_reach && excluded.contains(j, shift));
              }
              int n_new;
              const int place = n_found + team.count_before(is_neighbor, n_new);
              if (is_neighbor && place < room) {
                out_atom[begin + place] = j;
                out_shift[begin + place] = packed;
              }
              n_found += n_new;
            }
          }
        }
        if (team.lane != 0) return;
        n_neighbors[i] = n_found;
        last[i] = begin + (n_found < room ? n_found : room);
        if (n_found > room) atomic_max(&state->has_full_row, 1);
      },
      8);
}

}  // namespace mofkernel::MOFK_NS
