#include "optimizers/relax.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include "checkpoint/checkpoint_clock.hpp"
#include "optimizers/relax_state.hpp"
#include "optimizers/working_set.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// A last step this much above the best one is not what a relaxation should end with.
constexpr double kLargestRise_eV = 1e-3;  // per atom
/// Relative difference of energies that a list in another order, in single precision, can explain.
constexpr double kSamePotential = 1e-4;
constexpr EvaluateWant kWant{.energies = true, .forces = true, .stress = true, .per_atom = false};

/// A part of the batch that is a batch of its own.
struct Part {
  Batch batch;
  std::unique_ptr<Potential> potential;
  DeviceEvaluation evaluation;
  WorkingSet set;

  Part(const Context& context, std::span<const Structure> structures, std::unique_ptr<Potential> potential_of_part,
       const RelaxOptions& options)
      : batch(make_batch(context, structures)),
        potential(std::move(potential_of_part)),
        evaluation(context, batch, static_cast<int>(potential->component_names().size())),
        set(context, batch, *potential, evaluation, options) {}
};

class Relaxation {
 public:
  Relaxation(const Context& context, Batch& batch, Potential& potential, const RelaxOptions& options,
             const RunControl& control, DeviceEvaluation& evaluation, const PotentialOfSome& potential_of)
      : context_(context),
        batch_(batch),
        potential_(potential),
        options_(options),
        control_(control),
        evaluation_(evaluation),
        potential_of_(potential_of),
        start_(to_structures(batch)),
        whole_(context, batch, potential, evaluation, options),
        members_(static_cast<std::size_t>(batch.n_structures)),
        progress_(static_cast<std::size_t>(batch.n_structures)) {
    std::iota(members_.begin(), members_.end(), 0);
  }

  std::vector<RelaxOutcome> run(const std::function<void(const RelaxStep&)>& on_step) {
    if (!try_resume()) {
      set().evaluate();
      judge();
      report(on_step);
    }
    CheckpointClock clock(control_.checkpoint, step_);
    while (any_active()) {
      if (clock.is_due(step_)) {
        write_state();
        clock.restart(step_);
      }
      leave_ended_behind();
      set().step(step_);
      ++step_;
      evaluate_step();
      judge();
      report(on_step);
    }
    if (!control_.checkpoint.path.empty()) write_state();
    finish();
    std::vector<RelaxOutcome> outcomes;
    for (const Progress& p : progress_) outcomes.push_back(p.outcome);
    return outcomes;
  }

 private:
  WorkingSet& set() { return part_ ? part_->set : whole_; }

  [[nodiscard]] Progress& progress_of(std::size_t member) {
    return progress_[static_cast<std::size_t>(members_[member])];
  }

  [[nodiscard]] bool any_active() const {
    return std::any_of(progress_.begin(), progress_.end(), [](const Progress& p) { return p.is_active; });
  }

  /// After a wild step the potential may refuse a geometry: that structure has diverged, the others go on.
  void evaluate_step() {
    try {
      set().evaluate();
    } catch (const KernelError& error) {
      if (error.code() != ErrorCode::bad_structure && error.code() != ErrorCode::non_finite) throw;
      std::vector<int> is_unusable = set().find_unusable();
      // Refused for a reason that cannot be seen from here: then nobody knows who is to blame.
      if (std::ranges::count(is_unusable, 1) == 0) std::ranges::fill(is_unusable, 1);
      for (std::size_t m = 0; m < members_.size(); ++m) {
        if (is_unusable[m] == 0 || !progress_of(m).is_active) continue;
        progress_of(m).outcome.steps = step_;
        end(progress_of(m), RelaxEndState::diverged);
      }
      update_active();
      set().return_to_best(is_unusable);
      set().evaluate();
    }
    is_evaluation_stale_ = false;
  }

  /// Which structures end with this step, and which have never been better.
  void judge() {
    set().note_best();
    const StopReason stop = control_.stop_reason();
    std::vector<int> has_diverged(members_.size(), 0);
    bool has_any_diverged = false;
    bool has_any_ended = false;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      Progress& p = progress_of(m);
      if (!p.is_active) continue;
      p.outcome.steps = step_;
      const StepSummary& now = set().summary(m);
      if (now.is_sound == 0) {
        if (step_ == 0) throw_bad_start(m);
        end(p, RelaxEndState::diverged);
        has_diverged[m] = 1;
        has_any_diverged = true;
      } else {
        take(p, now, stop);
      }
      has_any_ended = has_any_ended || !p.is_active;
    }
    if (has_any_ended) update_active();
    if (!has_any_diverged) return;
    set().return_to_best(has_diverged);
    is_evaluation_stale_ = true;
  }

  [[noreturn]] void throw_bad_start(std::size_t member) const {
    throw KernelError(ErrorCode::non_finite,
                      "structure " + std::to_string(members_[member]) + ": energy or forces of the start are not " +
                          "finite; two atoms lie on top of each other or a coordinate is absurd");
  }

  void take(Progress& p, const StepSummary& now, StopReason stop) const {
    p.last_enthalpy = now.enthalpy;
    if (step_ == 0 || !(now.enthalpy > p.best_enthalpy)) p.best_enthalpy = now.enthalpy;
    fill_forces(p.outcome, now);
    if (std::sqrt(std::max(now.max_force_squared, now.max_cell_squared)) < options_.fmax_eV_A) {
      end(p, RelaxEndState::converged);
    } else if (stop != StopReason::none) {
      end(p, stop == StopReason::cancelled ? RelaxEndState::cancelled : RelaxEndState::deadline);
    } else if (step_ >= options_.max_steps) {
      end(p, RelaxEndState::max_steps);
    }
  }

  void fill_forces(RelaxOutcome& outcome, const StepSummary& now) const {
    outcome.max_force_eV_A = std::sqrt(now.max_force_squared);
    if (moves_cell()) outcome.max_cell_force_eV_A = std::sqrt(now.max_cell_squared);
  }

  [[nodiscard]] bool moves_cell() const { return options_.cell_mode != CellMode::fixed; }

  static void end(Progress& progress, RelaxEndState state) {
    progress.is_active = false;
    progress.outcome.end_state = state;
  }

  void update_active() {
    std::vector<int> is_active;
    for (std::size_t m = 0; m < members_.size(); ++m) is_active.push_back(progress_of(m).is_active ? 1 : 0);
    set().set_active(is_active);
  }

  /// Goes on with the active structures alone when at least half of the working set has ended.
  void leave_ended_behind() {
    if (!potential_of_) return;
    std::vector<int> kept;     // members
    std::vector<int> indices;  // the same in the whole batch
    for (std::size_t m = 0; m < members_.size(); ++m) {
      if (!progress_of(m).is_active) continue;
      kept.push_back(static_cast<int>(m));
      indices.push_back(members_[m]);
    }
    if (2 * kept.size() > members_.size()) return;
    settle_ended(false);
    keep_geometries();
    const std::vector<SavedArray> arrays = set().take_part(set().save(step_), kept);
    make_part(indices);
    set().load(step_, arrays);
    set().evaluate();
  }

  void make_part(const std::vector<int>& indices) {
    if (static_cast<int>(indices.size()) == batch_.n_structures) return;
    if (!potential_of_)
      throw KernelError(ErrorCode::bad_checkpoint, "the checkpoint is that of a batch whose ended structures are left");
    std::vector<Structure> structures;
    RelaxOptions options = options_;
    options.fixed_atoms.clear();
    options.pressures_eV_A3.clear();
    options.symmetry.clear();
    std::size_t first_atom = 0;
    for (std::size_t s = 0; s < start_.size(); ++s) {
      const std::size_t n_atoms = start_[s].positions.size();
      if (std::ranges::binary_search(indices, static_cast<int>(s))) {
        structures.push_back(start_[s]);
        if (!options_.symmetry.empty()) options.symmetry.push_back(options_.symmetry[s]);
        if (!options_.pressures_eV_A3.empty()) options.pressures_eV_A3.push_back(options_.pressures_eV_A3[s]);
        if (!options_.fixed_atoms.empty()) {
          const auto first = options_.fixed_atoms.begin() + static_cast<std::ptrdiff_t>(first_atom);
          options.fixed_atoms.insert(options.fixed_atoms.end(), first, first + static_cast<std::ptrdiff_t>(n_atoms));
        }
      }
      first_atom += n_atoms;
    }
    part_.reset();
    part_.emplace(context_, structures, potential_of_(indices), options);
    members_ = indices;
  }

  /// Positions and cells of the working set into those of the whole batch.
  void keep_geometries() {
    if (&set() == &whole_) return;
    std::vector<double> positions = batch_.positions.to_host();
    std::vector<double> cells = batch_.cells.to_host();
    const std::vector<double> part_positions = part_->batch.positions.to_host();
    const std::vector<double> part_cells = part_->batch.cells.to_host();
    const std::vector<int> first_atom = batch_.first_atom.to_host();
    std::size_t from = 0;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const auto s = static_cast<std::size_t>(members_[m]);
      const auto first = 3 * static_cast<std::size_t>(first_atom[s]);
      const std::size_t n_values = 3 * static_cast<std::size_t>(first_atom[s + 1]) - first;
      std::copy_n(part_positions.begin() + static_cast<std::ptrdiff_t>(from), n_values,
                  positions.begin() + static_cast<std::ptrdiff_t>(first));
      std::copy_n(part_cells.begin() + static_cast<std::ptrdiff_t>(9 * m), 9,
                  cells.begin() + static_cast<std::ptrdiff_t>(9 * s));
      from += n_values;
    }
    batch_.positions.upload(positions);
    batch_.cells.upload(cells);
  }

  void write_state() {
    RelaxState state;
    state.fingerprint = relax_fingerprint(start_, options_, control_.checkpoint.calculation);
    state.step = step_;
    state.progress = progress_;
    state.members = members_;
    state.positions = batch_.positions.to_host();
    state.cells = batch_.cells.to_host();
    state.lists = set().potential().list_references();
    write_checkpoint(to_checkpoint(state, set().save(step_)), control_.checkpoint.path);
  }

  bool try_resume() {
    const CheckpointPlan& plan = control_.checkpoint;
    if (!plan.resume || !std::filesystem::exists(plan.path)) return false;
    const Checkpoint checkpoint = read_checkpoint(plan.path, kRelaxCheckpointKind, kRelaxCheckpointVersion);
    const RelaxState state =
        read_state(checkpoint, relax_fingerprint(start_, options_, control_.checkpoint.calculation), start_.size(),
                   static_cast<std::size_t>(batch_.n_atoms));
    step_ = state.step;
    progress_ = state.progress;
    batch_.positions.upload(state.positions);
    batch_.cells.upload(state.cells);
    make_part(state.members);
    std::vector<SavedArray> arrays = set().empty_arrays(step_);
    read_arrays(checkpoint, arrays);
    set().load(step_, arrays);
    check_potential();
    set().load(step_, arrays);
    set().potential().restore_lists(set().batch(), state.lists);
    is_evaluation_stale_ = true;
    for (Progress& p : progress_) revive(p);
    update_active();
    return true;
  }

  /// The history of another potential's energies would lead astray.
  void check_potential() {
    set().evaluate();
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Progress& p = progress_of(m);
      if (p.outcome.end_state == RelaxEndState::diverged) continue;
      const double allowed = kSamePotential * std::max(1.0, std::abs(p.last_enthalpy));
      if (std::abs(set().summary(m).enthalpy - p.last_enthalpy) <= allowed) continue;
      throw KernelError(ErrorCode::bad_checkpoint,
                        "the checkpoint gives structure " + std::to_string(members_[m]) +
                            " another energy than this potential does; its relaxation ran with other options or on " +
                            "another device: start anew");
    }
  }

  /// What was stopped goes on.
  void revive(Progress& p) const {
    const RelaxEndState state = p.outcome.end_state;
    const bool was_stopped = state == RelaxEndState::cancelled || state == RelaxEndState::deadline ||
                             (state == RelaxEndState::max_steps && step_ < options_.max_steps);
    if (!p.is_active && was_stopped) p.is_active = true;
    if (p.is_active && step_ >= options_.max_steps) end(p, RelaxEndState::max_steps);
  }

  /// Diverged structures, and with `is_end` those that were stopped on the way up, go to the best geometry they have
  /// seen and are evaluated there.
  void settle_ended(bool is_end) {
    std::vector<int> returns(members_.size(), 0);
    std::vector<int> needs_forces(members_.size(), 0);
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Progress& p = progress_of(m);
      const double largest_rise = kLargestRise_eV * start_[static_cast<std::size_t>(members_[m])].n_atoms();
      const bool was_stopped = !p.is_active && p.outcome.end_state != RelaxEndState::converged &&
                               p.outcome.end_state != RelaxEndState::diverged;
      if (is_end && was_stopped && p.last_enthalpy > p.best_enthalpy + largest_rise) returns[m] = 1;
      needs_forces[m] = returns[m] != 0 || p.outcome.end_state == RelaxEndState::diverged ? 1 : 0;
    }
    if (std::ranges::count(returns, 1) != 0) set().return_to_best(returns);
    if (std::ranges::count(needs_forces, 1) != 0) {
      set().evaluate();
      is_evaluation_stale_ = false;
    }
    for (std::size_t m = 0; m < members_.size(); ++m) {
      if (needs_forces[m] != 0) fill_forces(progress_of(m).outcome, set().summary(m));
    }
  }

  void finish() {
    settle_ended(true);
    if (part_) {
      keep_geometries();
      // With lists of here: those that the whole batch had before it was left are unknown to a resumed run.
      const ListReference here{batch_.positions.to_host(), batch_.cells.to_host()};
      potential_.restore_lists(batch_, std::vector<ListReference>(potential_.list_references().size(), here));
      evaluate_confirmed(potential_, batch_, kWant, evaluation_);
      whole_.project_evaluation();
    } else if (is_evaluation_stale_) {
      set().evaluate();
    }
  }

  /// Structures that have just ended are reported too: their step is the last one.
  void report(const std::function<void(const RelaxStep&)>& on_step) {
    std::vector<double> positions;
    std::vector<double> cells;
    std::vector<double> forces;
    std::vector<int> first_atom;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Progress& p = progress_of(m);
      if (p.outcome.steps != step_ || p.outcome.end_state == RelaxEndState::diverged) continue;
      RelaxStep out = describe(m);
      out.has_frame = options_.frame_interval > 0 && (step_ % options_.frame_interval == 0 || !p.is_active);
      if (out.has_frame && first_atom.empty()) {
        positions = set().batch().positions.to_host();
        cells = set().batch().cells.to_host();
        forces = set().evaluation().forces.to_host();
        first_atom = set().batch().first_atom.to_host();
      }
      if (out.has_frame) {
        for (auto i = static_cast<std::size_t>(first_atom[m]); i < static_cast<std::size_t>(first_atom[m + 1]); ++i) {
          out.positions.push_back({positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]});
          out.forces.push_back({forces[3 * i], forces[3 * i + 1], forces[3 * i + 2]});
        }
        for (std::size_t k = 0; k < 9; ++k) out.cell[k / 3][k % 3] = cells[9 * m + k];
      }
      on_step(out);
    }
  }

  [[nodiscard]] RelaxStep describe(std::size_t member) {
    const StepSummary& now = set().summary(member);
    RelaxStep out;
    out.structure = members_[member];
    out.step = step_;
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
  const PotentialOfSome& potential_of_;
  std::vector<Structure> start_;
  WorkingSet whole_;
  std::optional<Part> part_;  ///< what is still worked on, once structures were left behind
  std::vector<int> members_;  ///< structures of the working set, as numbered in the whole batch
  std::vector<Progress> progress_;
  int step_ = 0;
  bool is_evaluation_stale_ = false;  ///< atoms have moved since, or there was none
};

}  // namespace

std::vector<RelaxOutcome> relax_batch(const Context& context, Batch& batch, Potential& potential,
                                      const RelaxOptions& options, const RunControl& control,
                                      DeviceEvaluation& evaluation,
                                      const std::function<void(const RelaxStep&)>& on_step,
                                      const PotentialOfSome& potential_of) {
  const std::vector<int> first_atom = batch.first_atom.to_host();
  for (std::size_t s = 0; s + 1 < first_atom.size(); ++s)
    check_optimizer_suits(options.optimizer, first_atom[s + 1] - first_atom[s]);
  return Relaxation(context, batch, potential, options, control, evaluation, potential_of).run(on_step);
}

}  // namespace mofkernel::MOFK_NS
