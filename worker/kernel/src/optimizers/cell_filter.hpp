// The coordinates that an optimizer moves: rows of three numbers, one per atom and, when the cell moves, three more per
// structure for the logarithm of the deformation gradient.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Rows of structure s: first_row[s] … first_row[s + 1] - 1, its atoms first, then its cell.
struct RowLayout {
  int n_structures = 0;
  int n_rows = 0;
  Buffer<int> first_row;         ///< [n_structures + 1]
  Buffer<int> structure_of_row;  ///< [n_rows]
};

/// With the start cell C0 and the deformation gradient F = exp(L): cell = C0 F^T, positions = (atom rows) F^T, and the
/// cell rows are J L, so that a step of the same length means about the same for atoms and cell. Forces are minus
/// the exact derivatives of energy + pressure * volume. With a fixed cell the rows are the positions. Source: the
/// construction of ASE's FrechetCellFilter (Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017)), which goes
/// back to Tadmor et al., Phys. Rev. B 59, 235 (1999), with the exact derivative of the exponential, and the Jacobian
/// J = V0^(1/3) n_atoms^(1/6) of Sheppard et al., J. Chem. Phys. 136, 074103 (2012) instead of ASE's n_atoms.
/// Isotropic: only the trace of L moves. A fixed atom keeps its row: its place with a fixed cell, its fractional place
/// with a moving one.
class CellFilter {
 public:
  /// `pressures_eV_A3` has one entry per structure or none, `fixed_atoms` one per atom or none. Throws
  /// KernelError(unsupported) for a moving cell of a structure without three periodic axes, (bad_request) for arrays of
  /// another length.
  CellFilter(const Context& context, const Batch& batch, CellMode mode, std::vector<double> pressures_eV_A3,
             std::span<const std::uint8_t> fixed_atoms);

  [[nodiscard]] const RowLayout& layout() const { return layout_; }
  [[nodiscard]] bool moves_cell() const { return mode_ != CellMode::fixed; }
  /// [n_atoms] on the device.
  [[nodiscard]] const int* is_fixed() const { return is_fixed_.data(); }
  /// [n_structures] on the device, eV/A^3.
  [[nodiscard]] const double* pressures() const { return pressures_.data(); }
  /// [n_structures] on the device: what turns forces on cell rows into those of ASE's, whose rows are n_atoms L.
  [[nodiscard]] const double* to_ase_cell_forces() const { return to_ase_cell_forces_.data(); }
  /// [n_structures][9] cells when the filter was made.
  [[nodiscard]] const Buffer<double>& start_cells() const { return start_cells_; }

  /// rows [n_rows][3] of the batch as it was given to the constructor.
  void start(const Batch& batch, Buffer<double>& rows) const;
  /// Positions and cells that the rows stand for.
  void apply(const Buffer<double>& rows, Batch& batch);
  /// Forces on the rows from an evaluation (forces and virials) of what apply() made last; zero for fixed atoms.
  void forces(const Batch& batch, const DeviceEvaluation& evaluation, const Buffer<double>& rows,
              Buffer<double>& row_forces) const;

 private:
  const Context& context_;
  CellMode mode_;
  Buffer<double> pressures_;
  Buffer<int> is_fixed_;
  RowLayout layout_;
  Buffer<double> cell_factors_;        ///< [n_structures] J, A
  Buffer<double> to_ase_cell_forces_;  ///< [n_structures] J / n_atoms
  Buffer<double> start_cells_;         ///< [n_structures][9]
  Buffer<double> deformations_;        ///< [n_structures][9] F
};

}  // namespace mofkernel::MOFK_NS
