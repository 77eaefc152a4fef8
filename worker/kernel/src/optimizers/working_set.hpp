// The structures of a relaxation that are still on their way, on the device: one step, one evaluation, their state.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "optimizers/cell_filter.hpp"
#include "optimizers/optimizer.hpp"
#include "optimizers/symmetry_projection.hpp"

namespace mofkernel::MOFK_NS {

/// What one step tells about one structure.
struct StepSummary {
  double energy;             ///< eV
  double enthalpy;           ///< energy + pressure * volume, eV; the energy when the cell is fixed
  double max_force_squared;  ///< over atoms that may move, (eV/A)^2
  double max_cell_squared;   ///< over the rows of the cell filter, (eV/A)^2
  double volume;             ///< A^3, 0 when not periodic along all axes
  double virial[9];          ///< eV
  int is_sound;              ///< everything is finite, and the volume has not left [1/8, 8] of its start
};

/// One array of a state on the host: [n_slots] of the structures' parts one after the other.
struct SavedArray {
  std::string name;
  Extent extent;
  std::size_t n_numbers;
  std::size_t n_slots;
  std::vector<double> values;
};

class WorkingSet {
 public:
  /// `batch` holds the structures as the relaxation found them; `options` are those of its structures.
  WorkingSet(const Context& context, Batch& batch, Potential& potential, DeviceEvaluation& evaluation,
             const RelaxOptions& options);

  [[nodiscard]] Batch& batch() { return batch_; }
  [[nodiscard]] Potential& potential() { return potential_; }
  [[nodiscard]] DeviceEvaluation& evaluation() { return evaluation_; }
  [[nodiscard]] const CellFilter& filter() const { return filter_; }
  [[nodiscard]] const StepSummary& summary(std::size_t s) const { return summaries_[s]; }

  /// Energies, forces and summaries at the present rows; the first time, the start volumes as well. Throws what the
  /// potential throws.
  void evaluate();
  /// What the potential has just written becomes symmetric; evaluate() does it by itself.
  void project_evaluation() { symmetry_.project(evaluation_); }
  /// The present rows become the best ones of every sound, active structure whose enthalpy has never been lower.
  void note_best();
  /// Rows of the active structures one step on. `i_step` counts the steps taken before.
  void step(int i_step);
  /// The flagged structures [n_structures] go back to their best rows.
  void return_to_best(std::span<const int> is_flagged);
  void set_active(std::span<const int> is_active);
  /// Structures whose cell or positions no potential can work with.
  [[nodiscard]] std::vector<int> find_unusable() const;

  /// All that the steps from `i_step` on take from those before; `i_step` steps were taken.
  [[nodiscard]] std::vector<SavedArray> save(int i_step);
  /// What save() would give, with zeros.
  [[nodiscard]] std::vector<SavedArray> empty_arrays(int i_step);
  /// Takes over what a set of the same structures saved, and places the atoms accordingly.
  void load(int i_step, std::span<const SavedArray> arrays);
  /// The part of `arrays`, which this set saved, that belongs to the structures `kept`.
  [[nodiscard]] std::vector<SavedArray> take_part(std::span<const SavedArray> arrays, std::span<const int> kept) const;

  // Used by this class's device code, which nvcc wants in public member functions.
  void summarize();
  void copy_rows(const int* d_flags, const Buffer<double>& from, Buffer<double>& to);

 private:
  [[nodiscard]] std::vector<StateArray> state(int i_step);
  [[nodiscard]] std::size_t length(Extent extent, std::size_t n_numbers, std::size_t structure) const;

  const Context& context_;
  Batch& batch_;
  Potential& potential_;
  DeviceEvaluation& evaluation_;
  CellFilter filter_;
  SymmetryProjection symmetry_;
  std::unique_ptr<RowOptimizer> optimizer_;
  std::vector<int> first_row_;          ///< [n_structures + 1]
  Buffer<double> rows_;                 ///< [n_rows][3] see CellFilter
  Buffer<double> start_rows_;           ///< [n_rows][3] where there is a symmetry to keep
  Buffer<double> best_rows_;            ///< [n_rows][3] of the lowest enthalpies so far
  Buffer<double> row_forces_;           ///< [n_rows][3]
  Buffer<double> start_volumes_;        ///< [n_structures] A^3, 0: not known yet
  Buffer<double> best_enthalpies_;      ///< [n_structures] eV
  Buffer<double> enthalpies_;           ///< [n_structures] eV
  Buffer<double> max_force_squared_;    ///< [n_structures]
  Buffer<int> is_active_;               ///< [n_structures]
  Buffer<int> flags_;                   ///< [n_structures]
  Buffer<StepSummary> d_summaries_;     ///< [n_structures]
  std::vector<StepSummary> summaries_;  ///< the same on the host
};

}  // namespace mofkernel::MOFK_NS
