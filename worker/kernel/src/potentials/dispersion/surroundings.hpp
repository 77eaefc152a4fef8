// The atoms of one structure in small crowds, and everything within reach of them, so that a crowd meets its neighbors
// in a few runs of memory: what the CPU has instead of a neighbor list, which for a cutoff of 21 A is larger than all
// else together. It is made anew from positions and cell alone for every evaluation.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "potentials/dispersion/loops.hpp"

namespace mofkernel::cpu {

/// Where a structure is.
struct StructureView {
  int first_atom;  ///< in the batch
  int n_atoms;
  const double* positions;  ///< [n_atoms][3] A
  const double* cell;       ///< [3][3]
  const int* pbc;           ///< [3]
};

template <class T>
class Surroundings {
 public:
  /// `types` [n_atoms] of the structure's atoms, any numbers.
  explicit Surroundings(std::span<const int> types);

  /// Places atoms and images up to `reach` from the atoms. The cell is a usable one and positions are finite.
  void place(const StructureView& view, double reach);

  /// The types that occur, in ascending order; points of one stand together.
  [[nodiscard]] std::span<const int> types() const { return types_; }
  [[nodiscard]] int n_blocks() const { return (static_cast<int>(type_of_atom_.size()) + kCrowd<T> - 1) / kCrowd<T>; }
  [[nodiscard]] int n_points() const { return static_cast<int>(points_.size()); }
  [[nodiscard]] const Point<T>* points() const { return points_.data(); }

  /// Atoms of a block, counted from the structure's first; the last block repeats its last atom.
  [[nodiscard]] std::array<int, kCrowd<T>> atoms(int block) const;
  [[nodiscard]] const std::array<double, 3>& position(int atom) const {
    return placed_[static_cast<std::size_t>(atom)];
  }

  /// Runs of points that hold all those up to `radius` (at most the reach) from an atom of the block, and others.
  void find_runs(int block, double radius, Runs& runs) const;

 private:
  struct Image {
    std::array<double, 3> x;
    int atom;
    int bin;
  };

  void wrap_atoms(const StructureView& view);
  void order_atoms(int first, int last);
  void list_images(const StructureView& view, double reach);
  void choose_bins();
  void sort_points(int first_atom);
  /// Bins of the columns within reach of a block, of any one type.
  void find_windows(int block, double reach, std::vector<Run>& windows) const;
  [[nodiscard]] int bin_along(std::size_t axis, double x) const;

  std::vector<int> types_;
  std::vector<int> type_of_atom_;              ///< [n_atoms] number in types_
  std::vector<std::array<double, 3>> placed_;  ///< [n_atoms] wrapped, from a place among the atoms
  std::vector<int> order_;                     ///< [n_atoms] atoms, those of a block one after another
  std::vector<Image> images_;
  std::array<double, 3> low_{}, width_{}, inverse_width_{};  ///< where bins begin, and their size
  std::array<int, 3> n_bins_{};
  std::vector<int> first_point_;  ///< [n_types][n_x][n_y][n_z], and the end
  std::vector<Point<T>> points_;
};

}  // namespace mofkernel::cpu
