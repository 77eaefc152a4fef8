// Atoms and the images of them within reach, sorted into columns of bins: how HalfList finds its pairs.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "geometry/neighbor_list.hpp"

namespace mofkernel::cpu {

/// A batch as it is, or as it was when a list was built.
struct ListView {
  int n_structures;
  int n_atoms;
  const int* first_atom;
  const int* structure_of_atom;
  const int* pbc;
  const double* positions;
  const double* cells;
};

/// The bins of one structure, in fractional coordinates of its completed lattice, and the points in them.
class Columns {
 public:
  Columns(const ListView& view, int structure, double reach);

  /// Sorts atoms and images into bins and writes where the atoms were wrapped to. False when a position is no number.
  [[nodiscard]] bool place_points(const ListView& view, int* wrap);

  /// The row of an atom: numbers of sorted points, and their squared distances, in `found` and `squared`; how many.
  int search(int i_atom, std::vector<int>& found, std::vector<double>& squared) const;

  [[nodiscard]] const double* rows() const { return rows_.data(); }
  [[nodiscard]] int first_atom() const { return first_atom_; }
  [[nodiscard]] int n_points() const { return static_cast<int>(owner_.size()); }
  [[nodiscard]] int owner(int point) const { return owner_[index(point)]; }  ///< in the batch
  [[nodiscard]] int shift(int point) const { return shift_[index(point)]; }  ///< packed
  [[nodiscard]] int n_atoms() const { return n_atoms_; }
  [[nodiscard]] int sorted_of_atom(int i) const { return sorted_of_atom_[index(i)]; }
  [[nodiscard]] std::array<double, 3> position(int point) const {
    return {x_[index(point)], y_[index(point)], z_[index(point)]};
  }
  [[nodiscard]] bool is_usable() const { return is_usable_; }
  [[nodiscard]] bool is_periodic(int axis) const { return pbc_[index(axis)] != 0; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  struct Placed {
    std::array<double, 3> fractional;  ///< wrapped
    std::array<int, 3> bin;
  };

  void choose_bins(const ListView& view);
  [[nodiscard]] int bin_of(int axis, double fractional) const {
    return std::clamp(static_cast<int>((fractional - low_[index(axis)]) * scale_[index(axis)]), 0,
                      n_bins_[index(axis)] - 1);
  }
  /// Number of a bin; an axis's own bins begin after those for images before the cell.
  [[nodiscard]] std::size_t place(int a, int b, int c) const {
    return (index(a) * index(n_all_[1]) + index(b + reach_bins_[1])) * index(n_all_[2]) + index(c + reach_bins_[2]);
  }
  /// Calls visit(p, q, r) for every image of a wrapped atom that can be in reach of the cell, on the half of space that
  /// is searched.
  template <class Visit>
  void for_each_image(const Placed& atom, Visit visit) const;
  /// Range of sorted points of column (a, b) that can be in reach of atom `from`.
  [[nodiscard]] std::pair<int, int> column_range(const Placed& from, int a, int b) const;

  bool is_usable_ = false;
  int first_atom_;
  int n_atoms_;
  double reach_;
  std::array<double, 9> rows_{};
  std::array<double, 9> inverse_{};
  std::array<int, 3> pbc_{};
  // The lattice turned so that c lies along z and b in the y-z plane: a = (a_x, a_y, a_z), b = (0, b_y, b_z).
  double a_x_ = 0, a_y_ = 0, a_z_ = 0, b_y_ = 0, b_z_ = 0, c_z_ = 0, inverse_c_z_ = 0;
  std::array<double, 3> low_{};       ///< fractional coordinate where bin 0 begins; 0 along periodic axes
  std::array<double, 3> scale_{};     ///< bins per unit of fractional coordinate
  std::array<double, 3> bin_size_{};  ///< its inverse
  std::array<double, 3> width_{};     ///< the reach in fractional coordinates
  std::array<int, 3> n_bins_{};       ///< of the cell
  std::array<int, 3> span_{};         ///< bins that the reach spans
  std::array<int, 3> reach_bins_{};   ///< the same along periodic axes; there are no images along others
  std::array<int, 3> n_all_{};        ///< with those of images; none before the cell along a
  std::vector<Placed> atoms_;         ///< [n_atoms]
  std::vector<int> sorted_of_atom_;   ///< [n_atoms]
  std::vector<int> bin_first_;        ///< [n_all_a * n_all_b * n_all_c + 1]
  std::vector<double> x_, y_, z_;     ///< [n_points] sorted by bin
  std::vector<int> owner_, shift_;    ///< [n_points]
};

}  // namespace mofkernel::cpu
