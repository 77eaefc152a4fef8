// All pairs of a batch closer than a cutoff plus a skin, every periodic image counted, in linear time by a cell list.
#pragma once

#include "backend/backend.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Pairs that the list leaves out: for atom i the entries [first[i], first[i + 1]) of `atom` and `shift`, on the
/// device. The shift is that of Structure: the left-out image of j is at positions[j] + shift @ cell.
struct Exclusions {
  Buffer<int> first;    ///< [n_atoms + 1]
  Buffer<int> atom;     ///< [n_exclusions] index in the batch
  Buffer<Shift> shift;  ///< [n_exclusions]
};

/// Shift of a neighbor between WRAPPED positions, three numbers in [-128, 127] in one word.
MOFK_HD inline int pack_shift(int a, int b, int c) { return (a + 128) | (b + 128) << 8 | (c + 128) << 16; }
MOFK_HD inline int unpack_shift(int packed, int axis) { return (packed >> (8 * axis) & 255) - 128; }

/// Shift 0, 0, 0 when packed.
inline constexpr int kNoShift = 128 | 128 << 8 | 128 << 16;

class NeighborList {
 public:
  /// `cutoff` and `skin` in A.
  NeighborList(const Context& context, double cutoff, double skin);

  /// Makes the list valid for the positions and cells of `batch`; true when it had to be built anew. It stays valid
  /// until an atom may have moved relative to its cell, or the cell may have shrunk, by so much that a pair inside the
  /// cutoff is missing. Throws KernelError(bad_structure) naming a structure with an unusable cell, (non_finite) for a
  /// position that is no number.
  bool update(const Batch& batch, const Exclusions& exclusions);

  // Neighbors of atom i: entries [first[i], first[i + 1]); both directions of every pair are there. Order: by cell,
  // then atom.
  [[nodiscard]] const int* first() const { return first_.data(); }
  [[nodiscard]] const int* atom() const { return atom_.data(); }
  [[nodiscard]] const int* shift() const { return shift_.data(); }  ///< packed, between wrapped positions
  [[nodiscard]] int n_entries() const { return n_entries_; }
  /// [n_atoms][3] lattice vectors added to an atom's position when the list was built: wrapped = position + wrap @
  /// cell.
  [[nodiscard]] const int* wrap() const { return wrap_.data(); }

  /// Where it was built.
  [[nodiscard]] ListReference reference() const;
  /// Builds it as it was built there.
  void restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference);

  // Used by this class's device code, which nvcc wants in public member functions.
  void build(const Batch& batch, const Exclusions& exclusions);
  [[nodiscard]] bool is_still_valid(const Batch& batch);

 private:
  const Context* context_;
  double cutoff_;
  double skin_;
  bool is_built_ = false;
  int n_entries_ = 0;
  Buffer<int> first_, atom_, shift_, wrap_;
  Buffer<double> reference_positions_, reference_cells_, deformations_;
  Buffer<int> flag_;
};

}  // namespace mofkernel::MOFK_NS
