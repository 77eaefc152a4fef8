// All pairs of a batch closer than a cutoff plus a skin, every periodic image counted, in linear time by a cell list.
// Everything that device code needs stays on the device: see docs/gpu.md.
#pragma once

#include "backend/backend.hpp"
#include "geometry/bin_grid.hpp"
#include "geometry/movement.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Pairs that the list leaves out: for atom i the entries [first[i], first[i + 1]) of `atom` and `shift`, on the
/// device. The shift is that of Structure: the left-out image of j is at positions[j] + shift @ cell.
struct Exclusions {
  Buffer<int> first;    ///< [n_atoms + 1]
  Buffer<int> atom;     ///< [n_exclusions] index in the batch
  Buffer<Shift> shift;  ///< [n_exclusions]
};

/// A batch with the positions and cells at which a list was built.
Batch batch_at(const Context& context, const Batch& batch, const ListReference& reference);

/// Shift of a neighbor between WRAPPED positions, three numbers in [-128, 127] in one word.
MOFK_HD inline int pack_shift(int a, int b, int c) { return (a + 128) | (b + 128) << 8 | (c + 128) << 16; }
MOFK_HD inline int unpack_shift(int packed, int axis) { return (packed >> (8 * axis) & 255) - 128; }

/// Shift 0, 0, 0 when packed.
inline constexpr int kNoShift = 128 | 128 << 8 | 128 << 16;

class NeighborList {
 public:
  /// What the arrays have room for before the first build tells better.
  struct Room {
    int neighbors_per_atom = 64;
    int atoms_per_bin = 32;
  };

  /// `cutoff` and `skin` in A.
  NeighborList(const Context& context, double cutoff, double skin, Room room);
  NeighborList(const Context& context, double cutoff, double skin) : NeighborList(context, cutoff, skin, Room{}) {}

  /// Makes the list valid for the positions and cells of `batch`, which always has the same atoms. It stays valid until
  /// an atom may have moved relative to its cell, or the cell may have shrunk, by so much that a pair inside the cutoff
  /// is missing; then it is built anew.
  /// CUDA: queued; the device decides, and confirm() tells how it went. CPU: done and confirmed on return.
  void update(const Batch& batch, const Exclusions& exclusions);
  /// Waits for the updates since the last call. False: there were more neighbors than room; now there is room, but what
  /// was calculated with the list since is void, and update() has to be called again. Captured graphs hold the old
  /// arrays. Throws KernelError(bad_structure) naming a structure with an unusable cell, (non_finite) for a position
  /// that is no number.
  [[nodiscard]] bool confirm();

  // Neighbors of atom i: entries [first[i], last[i]); both directions of every pair are there. Order: by bin, then
  // atom.
  [[nodiscard]] const int* first() const { return first_.data(); }
  [[nodiscard]] const int* last() const { return last_.data(); }
  [[nodiscard]] const int* atom() const { return atom_.data(); }
  /// Places of all rows together. It grows in update() on the CPU and in confirm() on a GPU.
  [[nodiscard]] std::size_t n_places() const { return atom_.size(); }
  [[nodiscard]] const int* shift() const { return shift_.data(); }  ///< packed, between wrapped positions
  /// [n_atoms][3] lattice vectors added to an atom's position when the list was built: wrapped = position + wrap @
  /// cell.
  [[nodiscard]] const int* wrap() const { return wrap_.data(); }

  /// Rows on the host, one after another without gaps.
  struct Rows {
    std::vector<int> first;        ///< [n_atoms + 1]
    std::vector<int> atom, shift;  ///< [n_entries]
    std::vector<int> wrap;         ///< [n_atoms][3]
  };
  [[nodiscard]] Rows to_host() const;

  /// Where it was built.
  [[nodiscard]] ListReference reference() const;
  /// Builds it as it was built there. Waits.
  void restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference);
  /// How often it was built so far. Waits.
  [[nodiscard]] int n_builds() const { return state_.to_host()[0].n_builds; }

  // The steps of update() and what they work on; public because nvcc wants it so for device lambdas.

  /// One word each, because threads write them without knowing of each other.
  struct State {
    int must_build;
    int is_built;
    int n_builds;
    int fullest_bin;          ///< atoms of a bin that had more than there was room for, or 0
    int has_full_row;         ///< an atom has more neighbors than there was room for
    int structures_from_bad;  ///< n_structures - s of the first structure s with an unusable cell, or 0
    int has_absurd_position;
  };
  /// Of one structure, renewed by every update.
  struct Grid {
    BinGrid bins;
    Deformation deformation;  ///< since the list was built
    int first_bin;
  };
  /// Where an atom is when the list is built.
  struct PlacedAtom {
    double x[3];  ///< wrapped
    int bin[3];
  };
  struct BinnedAtom {
    double x[3];
    int atom;
  };

  void check_movement(const Batch& batch);
  void place_atoms(const Batch& batch);
  void sort_bins();
  void search(const Batch& batch, const Exclusions& exclusions);

 private:
  void reserve(const Batch& batch);
  void queue_update(const Batch& batch, const Exclusions& exclusions);
  void invalidate(State state);
  /// Room for what the last build counted, and an eighth more; never less than before.
  void enlarge_rows();

  const Context* context_;
  double cutoff_;
  double skin_;
  int atoms_per_bin_;
  int neighbors_per_atom_;
  int n_structures_ = 0;
  int n_atoms_ = 0;
  int n_bins_ = 0;
  Buffer<State> state_;
  Buffer<int> first_, last_, n_neighbors_, atom_, shift_, wrap_;
  Buffer<double> reference_positions_, reference_cells_;
  Buffer<Grid> grids_;
  Buffer<PlacedAtom> placed_;  ///< by atom
  Buffer<int> n_in_bin_;       ///< [n_bins]
  Buffer<BinnedAtom> binned_;  ///< [n_bins][atoms_per_bin]
};

}  // namespace mofkernel::MOFK_NS
