// Keeps the structures of a batch in their space groups: what a relaxation adds up is projected onto its symmetric
// part.
#pragma once

#include <span>
#include <vector>

#include "optimizers/cell_filter.hpp"

namespace mofkernel::MOFK_NS {

/// A field of vectors is symmetric when the vector on each atom is the turned vector of the atom that represents its
/// orbit, and that one is what the site allows. The projection onto such fields is the mean over the group of the
/// turned fields; by orbits it costs a few operations per atom, however large the group is.
class SymmetryProjection {
 public:
  /// `operations` are those of options.symmetry: one list per structure, empty where there is nothing to keep, or no
  /// lists at all. Throws what find_orbits() throws.
  SymmetryProjection(const Context& context, const Batch& batch, const CellFilter& filter, const RelaxOptions& options);

  /// Is there any structure with operations?
  [[nodiscard]] bool is_needed() const { return n_orbits_ > 0; }

  /// Forces and virials become their symmetric parts.
  void project(DeviceEvaluation& evaluation);
  /// The way of active structures from their start [n_rows][3] becomes symmetric, in atoms and cell.
  void project(const Buffer<double>& start_rows, const Buffer<int>& is_active, Buffer<double>& rows);

  // Used by this class's device code, which nvcc wants in public member functions.
  struct Vector {
    double x[3];
    MOFK_HD Vector& operator+=(const Vector& other) {
      for (int a = 0; a < 3; ++a) x[a] += other.x[a];
      return *this;
    }
  };
  void project_vectors(const Buffer<int>& places, const double* d_origin, const int* d_is_active,
                       Buffer<double>& values);
  /// Matrices that act on cartesian columns, 9 numbers each, that of structure s at matrices[first[s]].
  void project_matrices(const Buffer<int>& first, const int* d_is_active, Buffer<double>& matrices);

 private:
  const Context& context_;
  int n_structures_;
  bool moves_cell_;
  int n_orbits_ = 0;
  Buffer<int> first_member_;         ///< [n_orbits + 1]
  Buffer<int> orbit_of_member_;      ///< [n_members]
  Buffer<int> structure_of_orbit_;   ///< [n_orbits]
  Buffer<int> atom_places_;          ///< [n_members] first number of the atom in an array [n_atoms][3]
  Buffer<int> row_places_;           ///< [n_members] the same in an array of rows
  Buffer<double> member_rotations_;  ///< [n_members][9]
  Buffer<double> site_projectors_;   ///< [n_orbits][9]
  Buffer<int> first_rotation_;       ///< [n_structures + 1]
  Buffer<double> rotations_;         ///< [first_rotation_.back()][9]
  Buffer<int> virial_places_;        ///< [n_structures]
  Buffer<int> cell_places_;          ///< [n_structures] of the cell rows
  Buffer<Vector> sums_;              ///< [n_orbits]
};

}  // namespace mofkernel::MOFK_NS
