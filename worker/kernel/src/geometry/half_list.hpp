// All pairs of a batch closer than a cutoff plus a skin, each ONCE, for the CPU. What NeighborList is for device code,
// this is for a loop that adds a pair's force to both its atoms and wants no lattice shifts inside.
#pragma once

#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::cpu {

struct ListView;
class Columns;

class HalfList {
 public:
  /// `cutoff` and `skin` in A.
  HalfList(const Context& context, double cutoff, double skin);

  /// Makes the list valid for the positions and cells of `batch`; true when it had to be built anew. It stays valid
  /// until an atom may have moved relative to its cell, or the cell may have shrunk, by so much that a pair inside the
  /// cutoff is missing. Throws KernelError(bad_structure) naming a structure with an unusable cell, (non_finite) for a
  /// position that is no number.
  bool update(const Batch& batch, const Exclusions& exclusions);

  // Points: the atoms of the batch, wrapped into their cells, then those images of them that some pair needs, ordered
  // by owner.
  [[nodiscard]] int n_points() const { return first_image_.empty() ? 0 : first_image_.back(); }
  /// [n_atoms + 1] the images of atom i are the points [first_image[i], first_image[i + 1]).
  [[nodiscard]] const int* first_image() const { return first_image_.data(); }
  [[nodiscard]] const int* image_owner() const { return image_owner_.data(); }  ///< [n_points - n_atoms]
  /// [n_points - n_atoms] packed (unpack_shift), between wrapped positions.
  [[nodiscard]] const int* image_shift() const { return image_shift_.data(); }
  /// [n_atoms][3] lattice vectors added to an atom's position when the list was built: wrapped = position + wrap @
  /// cell.
  [[nodiscard]] const int* wrap() const { return wrap_.data(); }
  /// [n_points][4] x, y, z, 0 when the list was built, A.
  [[nodiscard]] const double* built_positions() const { return built_positions_.data(); }

  /// Points that are counted from the side of atom i; about equally many for every atom. Rows follow one another in
  /// memory; their order depends on positions and cells alone, not on the number of threads.
  [[nodiscard]] std::span<const int> row(int i) const {
    const auto at = static_cast<std::size_t>(i);
    return {neighbors_.data() + first_[at], static_cast<std::size_t>(first_[at + 1] - first_[at])};
  }
  /// [n_atoms + 1] where the rows begin, for sharing them out.
  [[nodiscard]] const int* first() const { return first_.data(); }

  /// Where it was built.
  [[nodiscard]] const ListReference& reference() const { return reference_; }
  /// Builds it as it was built there.
  void restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference);

 private:
  [[nodiscard]] bool is_still_valid(const Batch& batch) const;
  void build(const ListView& view, const Exclusions& exclusions);
  void number_points(int n_atoms, std::span<const Columns> columns, std::span<const char> is_needed,
                     std::span<int> number);

  const Context& context_;
  double cutoff_;
  double skin_;
  ListReference reference_;
  std::vector<int> first_, neighbors_;
  std::vector<int> first_image_, image_owner_, image_shift_;
  std::vector<int> wrap_;
  std::vector<double> built_positions_;
};

}  // namespace mofkernel::cpu
