#include "optimizers/relax.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/lattice.hpp"
#include "optimizers/cell_filter.hpp"
#include "optimizers/optimizer.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kLargestVolumeRatio = 8;
/// A last step this much above the best one is not what a relaxation should end with.
constexpr double kLargestRise_eV = 1e-3;  // per atom
constexpr EvaluateWant kWant{.energies = true, .forces = true, .stress = true, .per_atom = false};

/// What one step tells about one structure.
struct StepSummary {
  double energy;             ///< eV
  double max_force_squared;  ///< over atoms
  double max_cell_squared;   ///< over the rows of the cell filter
  double volume;             ///< A^3, 0 when not periodic along all axes
  double virial[9];
};

/// A structure on its way.
struct Progress {
  bool is_active = true;
  RelaxOutcome outcome;
  double start_volume = 0;
  double best_energy = 0;  ///< of energy + pressure * volume
  double last_energy = 0;
};

MOFK_HD double row_norm_squared(const double* row) { return row[0] * row[0] + row[1] * row[1] + row[2] * row[2]; }

class Relaxation {
 public:
  Relaxation(const Context& context, Batch& batch, Potential& potential, const RelaxOptions& options,
             const RunControl& control, DeviceEvaluation& evaluation)
      : context_(context),
        batch_(batch),
        potential_(potential),
        options_(options),
        control_(control),
        evaluation_(evaluation),
        filter_(context, batch, options.cell_mode, options.pressures_eV_A3),
        optimizer_(options.optimizer == Optimizer::lbfgs ? make_lbfgs(context, filter_.layout())
                                                         : make_fire(context, filter_.layout())),
        rows_(context),
        best_rows_(context),
        row_forces_(context),
        flags_(context),
        max_force_squared_(context, static_cast<std::size_t>(batch.n_structures)),
        d_summaries_(context, static_cast<std::size_t>(batch.n_structures)),
        summaries_(static_cast<std::size_t>(batch.n_structures)),
        progress_(static_cast<std::size_t>(batch.n_structures)) {}

  std::vector<RelaxOutcome> run(const std::function<void(const RelaxStep&)>& on_step) {
    filter_.start(batch_, rows_);
    best_rows_.copy_from(rows_);
    evaluate();
    for (int step = 0;; ++step) {
      judge(step, control_.stop_reason());
      report(step, on_step);
      if (!any_active()) break;
      optimizer_->step(rows_, row_forces_, energies(), active_flags());
      filter_.apply(rows_, batch_);
      if (!try_evaluate()) {
        end_active(step + 1, RelaxEndState::diverged);
        break;
      }
    }
    return_to_best();
    std::vector<RelaxOutcome> outcomes;
    for (const Progress& p : progress_) outcomes.push_back(p.outcome);
    return outcomes;
  }

  void evaluate() {
    evaluate_confirmed(potential_, batch_, kWant, evaluation_);
    filter_.forces(batch_, evaluation_, rows_, row_forces_);
    summarize();
  }

  void summarize() {
    const double* const d_forces = evaluation_.forces.data();
    segmented_reduce<Max>(
        context_, batch_.n_structures, batch_.first_atom.data(), 0.0,
        MOFK_LAMBDA(int i) { return row_norm_squared(d_forces + 3 * i); }, max_force_squared_.data());
    const double* const d_max_force_squared = max_force_squared_.data();
    const double* const d_energies = evaluation_.energies.data();
    const double* const d_virials = evaluation_.virials.data();
    const double* const d_cells = batch_.cells.data();
    const double* const d_row_forces = row_forces_.data();
    const int* const d_pbc = batch_.pbc.data();
    const int* const d_first_row = filter_.layout().first_row.data();
    const int n_cell_rows = moves_cell() ? 3 : 0;
    StepSummary* const d_out = d_summaries_.data();
    parallel_for(
        context_, batch_.n_structures, MOFK_LAMBDA(int s) {
          StepSummary& out = d_out[s];
          out.energy = d_energies[s];
          out.max_force_squared = d_max_force_squared[s];
          out.max_cell_squared = 0;
          for (int row = d_first_row[s + 1] - n_cell_rows; row < d_first_row[s + 1]; ++row) {
            Max::combine(out.max_cell_squared, row_norm_squared(d_row_forces + 3 * row));
          }
          const bool is_periodic = d_pbc[3 * s] != 0 && d_pbc[3 * s + 1] != 0 && d_pbc[3 * s + 2] != 0;
          out.volume = is_periodic ? fabs(determinant(d_cells + 9 * s)) : 0.0;
          for (int k = 0; k < 9; ++k) out.virial[k] = d_virials[9 * s + k];
        });
    d_summaries_.download(summaries_);
  }

 private:
  [[nodiscard]] bool moves_cell() const { return options_.cell_mode != CellMode::fixed; }

  [[nodiscard]] bool any_active() const {
    return std::any_of(progress_.begin(), progress_.end(), [](const Progress& p) { return p.is_active; });
  }

  /// After a wild step the potential may refuse the geometry itself.
  bool try_evaluate() {
    try {
      evaluate();
      return true;
    } catch (const KernelError& error) {
      if (error.code() != ErrorCode::bad_structure && error.code() != ErrorCode::non_finite) throw;
      return false;
    }
  }

  [[nodiscard]] double pressure(std::size_t s) const {
    return options_.pressures_eV_A3.empty() ? 0.0 : options_.pressures_eV_A3[s];
  }

  [[nodiscard]] double enthalpy(std::size_t s) const {
    return summaries_[s].energy + (moves_cell() ? pressure(s) * summaries_[s].volume : 0.0);
  }

  [[nodiscard]] std::vector<double> energies() const {
    std::vector<double> energies;
    for (std::size_t s = 0; s < summaries_.size(); ++s) energies.push_back(enthalpy(s));
    return energies;
  }

  [[nodiscard]] std::vector<int> active_flags() const {
    std::vector<int> flags;
    for (const Progress& p : progress_) flags.push_back(p.is_active ? 1 : 0);
    return flags;
  }

  [[nodiscard]] bool has_diverged(std::size_t s) const {
    const StepSummary& now = summaries_[s];
    const double start_volume = progress_[s].start_volume;
    const bool is_finite =
        std::isfinite(now.energy) && std::isfinite(now.max_force_squared) && std::isfinite(now.max_cell_squared);
    return !is_finite || now.volume > kLargestVolumeRatio * start_volume ||
           now.volume * kLargestVolumeRatio < start_volume;
  }

  /// Which structures end with this step, and which have never been better.
  void judge(int step, StopReason stop) {
    std::vector<int> is_best(progress_.size(), 0);
    for (std::size_t s = 0; s < progress_.size(); ++s) {
      Progress& p = progress_[s];
      if (!p.is_active) continue;
      if (step == 0) p.start_volume = summaries_[s].volume;
      p.outcome.steps = step;
      if (has_diverged(s)) {
        if (step == 0) {
          throw KernelError(ErrorCode::non_finite,
                            "structure " + std::to_string(s) + ": energy or forces of the start are not " +
                                "finite; two atoms lie on top of each other or a coordinate is absurd");
        }
        end(p, RelaxEndState::diverged);
        continue;
      }
      p.last_energy = enthalpy(s);
      if (step == 0 || p.last_energy <= p.best_energy) {
        p.best_energy = p.last_energy;
        is_best[s] = 1;
      }
      fill_forces(p.outcome, s);
      const double largest_squared = std::max(summaries_[s].max_force_squared, summaries_[s].max_cell_squared);
      if (std::sqrt(largest_squared) < options_.fmax_eV_A) {
        end(p, RelaxEndState::converged);
      } else if (stop != StopReason::none) {
        end(p, stop == StopReason::cancelled ? RelaxEndState::cancelled : RelaxEndState::deadline);
      } else if (step >= options_.max_steps) {
        end(p, RelaxEndState::max_steps);
      }
    }
    copy_rows(is_best, rows_, best_rows_);
  }

  void fill_forces(RelaxOutcome& outcome, std::size_t s) const {
    outcome.max_force_eV_A = std::sqrt(summaries_[s].max_force_squared);
    if (moves_cell()) outcome.max_cell_force_eV_A = std::sqrt(summaries_[s].max_cell_squared);
  }

  static void end(Progress& progress, RelaxEndState state) {
    progress.is_active = false;
    progress.outcome.end_state = state;
  }

  void end_active(int step, RelaxEndState state) {
    for (Progress& p : progress_) {
      if (!p.is_active) continue;
      p.outcome.steps = step;
      end(p, state);
    }
  }

 public:
  /// Rows of the flagged structures.
  void copy_rows(std::span<const int> is_flagged, const Buffer<double>& from, Buffer<double>& to) {
    if (std::none_of(is_flagged.begin(), is_flagged.end(), [](int flag) { return flag != 0; })) return;
    flags_.upload(is_flagged);
    const int* const d_flags = flags_.data();
    const int* const d_structure = filter_.layout().structure_of_row.data();
    const double* const d_from = from.data();
    double* const d_to = to.data();
    parallel_for(
        context_, 3 * filter_.layout().n_rows, MOFK_LAMBDA(int k) {
          if (d_flags[d_structure[k / 3]] != 0) d_to[k] = d_from[k];
        });
  }

 private:
  /// Diverged structures, and those that were stopped on the way up, end with the best geometry they have seen.
  void return_to_best() {
    std::vector<int> returns(progress_.size(), 0);
    const std::vector<int> first_atom = batch_.first_atom.to_host();
    for (std::size_t s = 0; s < progress_.size(); ++s) {
      const Progress& p = progress_[s];
      const double largest_rise = kLargestRise_eV * (first_atom[s + 1] - first_atom[s]);
      const bool is_uphill =
          p.outcome.end_state != RelaxEndState::converged && p.last_energy > p.best_energy + largest_rise;
      if (p.outcome.end_state == RelaxEndState::diverged || is_uphill) returns[s] = 1;
    }
    if (std::none_of(returns.begin(), returns.end(), [](int flag) { return flag != 0; })) return;
    copy_rows(returns, best_rows_, rows_);
    filter_.apply(rows_, batch_);
    evaluate();
    for (std::size_t s = 0; s < progress_.size(); ++s) {
      if (returns[s] != 0) fill_forces(progress_[s].outcome, s);
    }
  }

  /// Structures that have just ended are reported too: their step is the last one.
  void report(int step, const std::function<void(const RelaxStep&)>& on_step) {
    std::vector<double> positions;
    std::vector<double> cells;
    std::vector<double> forces;
    std::vector<int> first_atom;
    for (std::size_t s = 0; s < progress_.size(); ++s) {
      const Progress& p = progress_[s];
      const bool is_reported = p.outcome.steps == step && !has_diverged(s);
      if (!is_reported) continue;
      RelaxStep out = describe(s, step);
      out.has_frame = options_.frame_interval > 0 && (step % options_.frame_interval == 0 || !p.is_active);
      if (out.has_frame && first_atom.empty()) {
        positions = batch_.positions.to_host();
        cells = batch_.cells.to_host();
        forces = evaluation_.forces.to_host();
        first_atom = batch_.first_atom.to_host();
      }
      if (out.has_frame) {
        for (auto i = static_cast<std::size_t>(first_atom[s]); i < static_cast<std::size_t>(first_atom[s + 1]); ++i) {
          out.positions.push_back({positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]});
          out.forces.push_back({forces[3 * i], forces[3 * i + 1], forces[3 * i + 2]});
        }
        for (std::size_t k = 0; k < 9; ++k) out.cell[k / 3][k % 3] = cells[9 * s + k];
      }
      on_step(out);
    }
  }

  [[nodiscard]] RelaxStep describe(std::size_t s, int step) const {
    const StepSummary& now = summaries_[s];
    RelaxStep out;
    out.structure = static_cast<int>(s);
    out.step = step;
    out.energy_eV = now.energy;
    out.max_force_eV_A = std::sqrt(now.max_force_squared);
    if (moves_cell()) out.max_cell_force_eV_A = std::sqrt(now.max_cell_squared);
    if (now.volume > 0) {
      const double* const v = now.virial;
      out.volume_A3 = now.volume;
      out.stress_voigt_eV_A3 = {v[0] / now.volume, v[4] / now.volume, v[8] / now.volume,
                                v[5] / now.volume, v[2] / now.volume, v[1] / now.volume};
    }
    return out;
  }

  const Context& context_;
  Batch& batch_;
  Potential& potential_;
  const RelaxOptions& options_;
  const RunControl& control_;
  DeviceEvaluation& evaluation_;
  CellFilter filter_;
  std::unique_ptr<RowOptimizer> optimizer_;
  Buffer<double> rows_;                 ///< [n_rows][3] see CellFilter
  Buffer<double> best_rows_;            ///< [n_rows][3] of the lowest energies so far
  Buffer<double> row_forces_;           ///< [n_rows][3]
  Buffer<int> flags_;                   ///< [n_structures]
  Buffer<double> max_force_squared_;    ///< [n_structures]
  Buffer<StepSummary> d_summaries_;     ///< [n_structures]
  std::vector<StepSummary> summaries_;  ///< the same on the host
  std::vector<Progress> progress_;
};

}  // namespace

std::vector<RelaxOutcome> relax_batch(const Context& context, Batch& batch, Potential& potential,
                                      const RelaxOptions& options, const RunControl& control,
                                      DeviceEvaluation& evaluation,
                                      const std::function<void(const RelaxStep&)>& on_step) {
  return Relaxation(context, batch, potential, options, control, evaluation).run(on_step);
}

}  // namespace mofkernel::MOFK_NS
