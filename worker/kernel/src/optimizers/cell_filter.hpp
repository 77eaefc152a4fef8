// The coordinates that an optimizer moves: rows of three numbers, one per atom and, when the cell moves, three more per
// structure for the logarithm of the deformation gradient.
#pragma once

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
/// cell rows are n_atoms L, so that a step of the same length means about the same for atoms and cell. Forces are minus
/// the exact derivatives of energy + pressure * volume. With a fixed cell the rows are the positions. Source: the
/// construction of ASE's FrechetCellFilter (Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017)), which goes
/// back to Tadmor et al., Phys. Rev. B 59, 235 (1999), with the exact derivative of the exponential. Isotropic: only
/// the trace of L moves.
class CellFilter {
 public:
  /// `pressures_eV_A3` has one entry per structure or none. Throws KernelError(unsupported) for a moving cell of a
  /// structure without three periodic axes.
  CellFilter(const Context& context, const Batch& batch, CellMode mode, std::vector<double> pressures_eV_A3);

  [[nodiscard]] const RowLayout& layout() const { return layout_; }

  /// rows [n_rows][3] of the batch as it was given to the constructor.
  void start(const Batch& batch, Buffer<double>& rows) const;
  /// Positions and cells that the rows stand for.
  void apply(const Buffer<double>& rows, Batch& batch);
  /// Forces on the rows from an evaluation (forces and virials) of what apply() made last.
  void forces(const Batch& batch, const DeviceEvaluation& evaluation, const Buffer<double>& rows,
              Buffer<double>& row_forces) const;

 private:
  const Context& context_;
  CellMode mode_;
  Buffer<double> pressures_;  ///< [n_structures] eV/A^3
  RowLayout layout_;
  Buffer<double> start_cells_;   ///< [n_structures][9]
  Buffer<double> deformations_;  ///< [n_structures][9] F
};

}  // namespace mofkernel::MOFK_NS
