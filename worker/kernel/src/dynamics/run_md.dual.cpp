// The driver: blocks of steps that the device goes through alone, and what the host does between them.
#include "dynamics/run_md.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "checkpoint/checkpoint_clock.hpp"
#include "dynamics/md_state.hpp"
#include "dynamics/sampler.hpp"
#include "dynamics/step_graph.hpp"
#include "trajectory/trajectory_file.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// Steps that may have to be repeated when a neighbor list had run over, and that a cancelled run may still do on a
/// GPU.
constexpr std::int64_t kLongestBlock = 50;

bool is_multiple(std::int64_t step, std::int64_t interval) { return interval > 0 && step % interval == 0; }

/// Does this error speak of the geometry, so that a structure of the batch is to blame?
bool blames_a_structure(const KernelError& error) {
  return error.code() == ErrorCode::bad_structure || error.code() == ErrorCode::non_finite;
}

class MdRun {
 public:
  MdRun(const Context& context, Batch& batch, Potential& potential, const MdOptions& options, const RunControl& control,
        DeviceEvaluation& evaluation, const std::function<void(const MdSample&)>& on_sample)
      : batch_(batch),
        potential_(potential),
        options_(options),
        control_(control),
        evaluation_(evaluation),
        on_sample_(on_sample),
        structures_(to_structures(batch)),
        start_(prepare_md(structures_, options)),
        fingerprint_(request_fingerprint(structures_, options, control.checkpoint.calculation)),
        system_(context, batch, evaluation, options.timestep_fs, start_),
        integrator_(make_integrator(system_, options)),
        state_(state_arrays(system_, *integrator_)),
        sampler_(system_, start_),
        block_start_(context),
        graph_(context),
        clock_(control.checkpoint, 0) {}

  MdResult run() {
    const CheckpointPlan& plan = control_.checkpoint;
    if (plan.resume && !plan.path.empty() && std::filesystem::exists(plan.path)) {
      resume();
    } else {
      start_anew();
    }
    const std::int64_t resumed_from = progress_.step;
    const auto begin = std::chrono::steady_clock::now();
    while (progress_.step < options_.n_steps && stop_ == StopReason::none && any_alive()) {
      run_block();
      if (is_sampled(progress_.step) && progress_.step > sampled_step_) sample();
      if (clock_.is_due(progress_.step)) write_checkpoint_now();
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    return finish(resumed_from, taken.count());
  }

  /// Queues one step; nvcc wants what holds device code public.
  void queue_step(EvaluateWant want) {
    integrator_->begin_step(system_);
    potential_.evaluate(batch_, want, evaluation_);
    integrator_->end_step(system_);
    std::int64_t* const d_n_steps_done = system_.n_steps_done.data();
    parallel_for(system_.context, 1, MOFK_LAMBDA(int) { ++*d_n_steps_done; });
  }

  /// Diverged structures to where they were last good.
  void return_diverged() {
    const int* const d_structure = batch_.structure_of_atom.data();
    const std::int64_t* const d_diverged_at = system_.diverged_at.data();
    const double* const d_good_positions = system_.good_positions.data();
    const double* const d_good_velocities = system_.good_velocities.data();
    const double* const d_good_cells = system_.good_cells.data();
    double* const d_positions = batch_.positions.data();
    double* const d_velocities = system_.velocities.data();
    double* const d_cells = batch_.cells.data();
    parallel_for(
        system_.context, 3 * batch_.n_atoms, MOFK_LAMBDA(int k) {
          if (d_diverged_at[d_structure[k / 3]] == kNever) return;
          d_positions[k] = d_good_positions[k];
          d_velocities[k] = d_good_velocities[k];
        });
    parallel_for(
        system_.context, 9 * batch_.n_structures, MOFK_LAMBDA(int k) {
          if (d_diverged_at[k / 9] != kNever) d_cells[k] = d_good_cells[k];
        });
  }

 private:
  void start_anew() {
    open_trajectories(std::vector<std::int64_t>(options_.trajectories.size(), 0));
    progress_.good_steps.assign(structures_.size(), 0);
    progress_.good_energies.assign(structures_.size(), 0.0);
    alive_.assign(structures_.size(), true);
    evaluate_confirmed(potential_, batch_, want(0), evaluation_);
    integrator_->start(system_);
    sample();
  }

  void resume() {
    progress_ = restore_md_checkpoint(control_.checkpoint.path, fingerprint_, options_.trajectories.size(), system_,
                                      state_, potential_);
    check_potential();
    open_trajectories(progress_.trajectory_bytes);
    alive_.assign(structures_.size(), true);
    look_for_diverged();
    checkpoint_step_ = progress_.step;
    clock_.restart(progress_.step);
  }

  /// The forces of the checkpoint must be those of this potential; another device or precision differs less.
  void check_potential() {
    constexpr double kLargestDifference = 1e-3;  // of the largest force
    const std::vector<double> forces = evaluation_.forces.to_host();
    const std::vector<double> virials = evaluation_.virials.to_host();
    evaluate_confirmed(potential_, batch_, want(progress_.step), evaluation_);
    const std::vector<double> forces_now = evaluation_.forces.to_host();
    double largest = 1e-5;
    for (const double force : forces) largest = std::max(largest, std::abs(force));
    for (std::size_t k = 0; k < forces.size(); ++k) {
      if (!(std::abs(forces_now[k] - forces[k]) > kLargestDifference * largest)) continue;
      throw KernelError(ErrorCode::bad_checkpoint,
                        control_.checkpoint.path.string() + " was written by a run with another potential");
    }
    evaluation_.forces.upload(forces);
    evaluation_.virials.upload(virials);
  }

  void open_trajectories(const std::vector<std::int64_t>& bytes) {
    for (std::size_t k = 0; k < bytes.size(); ++k) {
      const TrajectoryPlan& plan = options_.trajectories[k];
      trajectories_.push_back(open_trajectory(plan, structures_[static_cast<std::size_t>(plan.structure)], bytes[k]));
    }
  }

  [[nodiscard]] bool is_reported(std::int64_t step) const {
    return is_multiple(step, options_.sample_interval) || is_multiple(step, options_.frame_interval) ||
           step == options_.n_steps || step == 0;
  }

  [[nodiscard]] bool is_sampled(std::int64_t step) const {
    return is_reported(step) ||
           std::any_of(options_.trajectories.begin(), options_.trajectories.end(),
                       [step](const TrajectoryPlan& plan) { return is_multiple(step, plan.interval_steps); });
  }

  [[nodiscard]] EvaluateWant want(std::int64_t step) const {
    const bool is_due = is_sampled(step);
    return {.energies = is_due, .forces = true, .stress = is_due || integrator_->needs_virials(), .per_atom = false};
  }

  /// The last step of the block that starts now.
  [[nodiscard]] std::int64_t block_end() const {
    const std::int64_t now = progress_.step;
    if (now < careful_until_) return now + 1;
    std::int64_t end = std::min(now + kLongestBlock, options_.n_steps);
    const auto stop_at_multiple = [&end, now](std::int64_t interval) {
      if (interval > 0) end = std::min(end, (now / interval + 1) * interval);
    };
    stop_at_multiple(options_.sample_interval);
    stop_at_multiple(options_.frame_interval);
    for (const TrajectoryPlan& plan : options_.trajectories) stop_at_multiple(plan.interval_steps);
    if (control_.checkpoint.interval_steps > 0) {
      end = std::min(end, std::max(now + 1, checkpoint_step_ + control_.checkpoint.interval_steps));
    }
    return end;
  }

  /// Does the steps up to block_end(), fewer when the run is to stop, and repeats them until they count.
  void run_block() {
    std::int64_t end = block_end();
    guilty_.clear();
    energies_step_ = -1;
    block_start_.save(system_, state_, potential_);
    for (;;) {
      try {
        const std::int64_t reached = queue_steps(end);
        if (potential_.confirm()) {
          progress_.step = reached;
          break;
        }
      } catch (const KernelError& error) {
        if (!blames_a_structure(error)) throw;
        if (end > progress_.step + 1) {
          // Atoms may have been misled by evaluations that do not count: step by step, each is confirmed.
          careful_until_ = end;
          end = progress_.step + 1;
        } else if (!freeze_guilty()) {
          throw;
        }
      }
      graph_.forget();
      block_start_.restore(system_, state_, potential_);
      mark(guilty_);
    }
    look_for_diverged();
  }

  std::int64_t queue_steps(std::int64_t end) {
    std::int64_t step = progress_.step;
    while (step < end) {
      stop_ = control_.stop_reason();
      if (stop_ != StopReason::none) break;
      ++step;
      const auto queue = [this, step] { queue_step(want(step)); };
      // The first step of a block is called, not replayed: the potential learns on the host that it has work to
      // confirm.
      if (is_sampled(step) || step == progress_.step + 1) {
        queue();
      } else {
        graph_.run(queue);
      }
    }
    return step;
  }

  /// Which structures does the potential refuse where they are now? Tries each with all others at their last good
  /// sample. False when none is to blame.
  bool freeze_guilty() {
    const std::vector<double> bad_positions = batch_.positions.to_host();
    const std::vector<double> bad_cells = batch_.cells.to_host();
    const std::vector<double> good_positions = system_.good_positions.to_host();
    const std::vector<double> good_cells = system_.good_cells.to_host();
    const std::vector<int> first_atom = batch_.first_atom.to_host();
    const std::size_t n_known = guilty_.size();
    for (std::size_t s = 0; s < structures_.size(); ++s) {
      if (!alive_[s] || std::find(guilty_.begin(), guilty_.end(), s) != guilty_.end()) continue;
      std::vector<double> trial_positions = good_positions;
      std::vector<double> trial_cells = good_cells;
      std::copy(bad_positions.begin() + 3 * first_atom[s], bad_positions.begin() + 3 * first_atom[s + 1],
                trial_positions.begin() + 3 * first_atom[s]);
      std::copy_n(bad_cells.begin() + static_cast<std::ptrdiff_t>(9 * s), 9,
                  trial_cells.begin() + static_cast<std::ptrdiff_t>(9 * s));
      batch_.positions.upload(trial_positions);
      batch_.cells.upload(trial_cells);
      if (!can_evaluate()) guilty_.push_back(s);
    }
    return guilty_.size() > n_known;
  }

  bool can_evaluate() {
    try {
      evaluate_confirmed(potential_, batch_, want(0), evaluation_);
      return true;
    } catch (const KernelError& error) {
      if (!blames_a_structure(error)) throw;
      return false;
    }
  }

  /// Marked at the last step done, they return to their last good sample with the next one.
  void mark(const std::vector<std::size_t>& structures) {
    if (structures.empty()) return;
    std::vector<std::int64_t> diverged_at = system_.diverged_at.to_host();
    for (const std::size_t s : structures) diverged_at[s] = progress_.step;
    system_.diverged_at.upload(diverged_at);
  }

  void look_for_diverged() {
    const std::vector<std::int64_t> diverged_at = system_.diverged_at.to_host();
    for (std::size_t s = 0; s < diverged_at.size(); ++s) {
      if (diverged_at[s] == kNever || !alive_[s]) continue;
      alive_[s] = false;
      warnings_.push_back("structure " + std::to_string(s) + " diverged in step " + std::to_string(diverged_at[s]) +
                          " and was left at its last good sample, step " + std::to_string(progress_.good_steps[s]) +
                          "; a shorter time step or a relaxed start may help");
    }
  }

  [[nodiscard]] bool any_alive() const { return std::find(alive_.begin(), alive_.end(), true) != alive_.end(); }

  void sample() {
    const std::int64_t step = progress_.step;
    sampler_.take(system_, *integrator_);
    sampled_step_ = energies_step_ = step;
    for (std::size_t s = 0; s < structures_.size(); ++s) {
      if (!alive_[s]) continue;
      const int index = static_cast<int>(s);
      if (sampler_.has_diverged(index)) {
        if (step == 0) throw_bad_start(s);
        continue;
      }
      MdSample sample = sampler_.sample(index, step, static_cast<double>(step) * options_.timestep_fs);
      progress_.good_steps[s] = step;
      progress_.good_energies[s] = sample.potential_energy_eV;
      hand_out(sample);
    }
    look_for_diverged();
  }

  [[noreturn]] static void throw_bad_start(std::size_t s) {
    throw KernelError(ErrorCode::non_finite, "structure " + std::to_string(s) +
                                                 ": the energy of the start is not finite; two atoms lie on top of " +
                                                 "each other or a coordinate is absurd");
  }

  void hand_out(MdSample& sample) {
    const auto add_frame = [this, &sample] {
      if (!sample.has_frame) sampler_.add_frame(system_, sample);
    };
    for (std::size_t k = 0; k < trajectories_.size(); ++k) {
      const TrajectoryPlan& plan = options_.trajectories[k];
      if (plan.structure != sample.structure || !is_multiple(sample.step, plan.interval_steps)) continue;
      add_frame();
      trajectories_[k]->append(sample);
    }
    if (!is_reported(sample.step)) return;
    if (is_multiple(sample.step, options_.frame_interval)) {
      add_frame();
      on_sample_(sample);
    } else {
      const bool had_frame = std::exchange(sample.has_frame, false);
      on_sample_(sample);
      sample.has_frame = had_frame;
    }
  }

  void write_checkpoint_now() {
    progress_.trajectory_bytes.clear();
    for (const auto& file : trajectories_) progress_.trajectory_bytes.push_back(file->flush());
    if (control_.checkpoint.path.empty()) return;
    write_checkpoint(make_md_checkpoint(fingerprint_, progress_, system_, state_, potential_),
                     control_.checkpoint.path);
    checkpoint_step_ = progress_.step;
    clock_.restart(progress_.step);
  }

  MdResult finish(std::int64_t resumed_from, double seconds_of_steps) {
    write_checkpoint_now();
    return_diverged();
    if (energies_step_ != progress_.step) evaluate_confirmed(potential_, batch_, want(0), evaluation_);
    MdResult result;
    const std::vector<double> energies = evaluation_.energies.to_host();
    for (std::size_t s = 0; s < structures_.size(); ++s) {
      result.outcomes.push_back(
          {end_state(s), alive_[s] ? progress_.step : progress_.good_steps[s], start_.n_degrees_of_freedom[s]});
      result.energies.push_back(alive_[s] ? energies[s] : progress_.good_energies[s]);
    }
    result.structures = to_structures(batch_);
    const std::vector<double> velocities = system_.velocities.to_host();
    for (std::size_t i = 0; i < velocities.size(); i += 3) {
      result.velocities.push_back({velocities[i], velocities[i + 1], velocities[i + 2]});
    }
    result.resumed_from_step = resumed_from;
    result.seconds_of_steps = seconds_of_steps;
    for (const ListReference& list : potential_.list_references())
      result.n_list_builds = std::max(result.n_list_builds, list.n_builds);
    result.warnings = warnings_;
    return result;
  }

  [[nodiscard]] MdEndState end_state(std::size_t s) const {
    if (!alive_[s]) return MdEndState::diverged;
    if (progress_.step >= options_.n_steps) return MdEndState::completed;
    return stop_ == StopReason::deadline ? MdEndState::deadline : MdEndState::cancelled;
  }

  Batch& batch_;
  Potential& potential_;
  const MdOptions& options_;
  const RunControl& control_;
  DeviceEvaluation& evaluation_;
  const std::function<void(const MdSample&)>& on_sample_;
  std::vector<Structure> structures_;  ///< of the start; a resumed run's too
  MdStart start_;
  std::int64_t fingerprint_;
  MdSystem system_;
  std::unique_ptr<Integrator> integrator_;
  std::vector<StateArray> state_;
  Sampler sampler_;
  BlockStart block_start_;
  StepGraph graph_;
  CheckpointClock clock_;
  MdProgress progress_;
  std::vector<std::unique_ptr<TrajectoryFile>> trajectories_;
  std::vector<bool> alive_;          ///< [n_structures] has not diverged
  std::vector<std::size_t> guilty_;  ///< structures that the potential refused in the block being repeated
  std::vector<std::string> warnings_;
  std::int64_t sampled_step_ = -1;   ///< of the last sample
  std::int64_t energies_step_ = -1;  ///< whose energies the evaluation holds
  std::int64_t checkpoint_step_ = 0;
  std::int64_t careful_until_ = 0;  ///< steps up to here are blocks of their own
  StopReason stop_ = StopReason::none;
};

}  // namespace

MdResult run_md(const Context& context, Batch& batch, Potential& potential, const MdOptions& options,
                const RunControl& control, DeviceEvaluation& evaluation,
                const std::function<void(const MdSample&)>& on_sample) {
  return MdRun(context, batch, potential, options, control, evaluation, on_sample).run();
}

}  // namespace mofkernel::MOFK_NS
