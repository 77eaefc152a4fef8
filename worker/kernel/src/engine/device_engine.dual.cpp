// The Engine of one device: host structures in, host results out. Batches that do not fit run part after part.
#include "engine/device_engine.hpp"

#include <algorithm>
#include <iterator>

#include "adsorption/run_insertions.hpp"
#include "dynamics/run_md.hpp"
#include "engine/batch_parts.hpp"
#include "engine/calculation.hpp"
#include "engine/evaluation.hpp"
#include "engine/force_constants.hpp"
#include "engine/memory.hpp"
#include "engine/potential_of.hpp"
#include "engine/split_checkpoint.hpp"
#include "optimizers/relax.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// Copies of one batch of displaced structures: enough to fill the device, few enough to stop soon when asked to.
constexpr std::size_t kAtomsOfCopies = kIsCuda ? 262'144 : 16'384;

template <class T>
void append_all(std::vector<T>& whole, std::vector<T>&& part) {
  std::move(part.begin(), part.end(), std::back_inserter(whole));
}

template <class T>
void prepend_all(std::vector<T>& whole, const std::vector<T>& first) {
  whole.insert(whole.begin(), first.begin(), first.end());
}

class DeviceEngine final : public Engine {
 public:
  DeviceEngine(int device_index, Precision precision) : context_(device_index), precision_(precision) {}

  Evaluation evaluate(std::span<const Structure> structures, const PotentialSpec& spec, EvaluateWant want) override {
    begin(structures, spec);
    Evaluation whole;
    // What is kept has its memory; asking the system how much is left takes as long as evaluating a small structure.
    const bool fits = memory_limit_ ? plan(structures, predict_evaluation(structures, spec)).size() == 1 : true;
    if (fits && is_kept(structures, spec)) {
      whole = evaluate_kept(structures, want, 0);
    } else {
      kept_ = {};
      for_each_part(
          structures, plan(structures, predict_evaluation(structures, spec)),
          [&](const Part& part) {
            keep(structures, part, spec);
            append(whole, evaluate_kept(structures.subspan(part.first, part.n), want, part.first));
          },
          [](const Part&, const Part&, const Part&) {});
    }
    check_finite(whole);
    return whole;
  }

  RelaxResult relax(std::span<const Structure> structures, const PotentialSpec& spec, const RelaxOptions& options,
                    const RunControl& control, const std::function<void(const RelaxStep&)>& on_step) override {
    begin(structures, spec);
    RelaxResult whole;
    run_parts(structures, spec, predict_relaxation(structures, spec, options), control,
              [&](const Part& part, const RunControl& part_control) {
                RelaxResult result = relax_part(structures, part, spec, options, part_control, on_step);
                append_all(whole.outcomes, std::move(result.outcomes));
                append_all(whole.structures, std::move(result.structures));
                append(whole.evaluation, std::move(result.evaluation));
              });
    return whole;
  }

  MdResult run_md(std::span<const Structure> structures, const PotentialSpec& spec, const MdOptions& options,
                  const RunControl& control, const std::function<void(const MdSample&)>& on_sample) override {
    begin(structures, spec);
    MdResult whole;
    run_parts(
        structures, spec, predict_md(structures, spec), control, [&](const Part& part, const RunControl& part_control) {
          MdResult result = md_part(structures, part, spec, options, part_control, on_sample);
          whole.resumed_from_step =
              part.first == 0 ? result.resumed_from_step : std::min(whole.resumed_from_step, result.resumed_from_step);
          whole.seconds_of_steps += result.seconds_of_steps;
          whole.n_list_builds = std::max(whole.n_list_builds, result.n_list_builds);
          append_all(whole.outcomes, std::move(result.outcomes));
          append_all(whole.structures, std::move(result.structures));
          append_all(whole.velocities, std::move(result.velocities));
          append_all(whole.energies, std::move(result.energies));
          append_all(whole.warnings, std::move(result.warnings));
        });
    return whole;
  }

  ForceConstants force_constants(const Structure& structure, const PotentialSpec& spec,
                                 const ForceConstantOptions& options, const RunControl& control,
                                 const std::function<void(int)>& on_progress) override {
    const std::span<const Structure> one(&structure, 1);
    begin(one, spec);
    const std::size_t bytes = predict_evaluation(one, spec).front();
    (void)plan(one, std::array<std::size_t, 1>{2 * bytes});
    const std::size_t at_once = std::max<std::size_t>(1, kAtomsOfCopies / structure.positions.size() / 2);
    std::size_t n_pairs = std::min({options.atoms.size(), at_once, limit() / (2 * bytes)});
    while (true) {
      try {
        return run_force_constants(context_, models_, structure, spec, precision_, options, 2 * n_pairs, control,
                                   on_progress);
      } catch (const KernelError& error) {
        if (error.code() != ErrorCode::out_of_memory || n_pairs == 1) throw;
        n_pairs /= 2;
      }
    }
  }

  InsertionResult insert(const Structure& framework, const PotentialSpec& spec, const InsertionOptions& options,
                         const RunControl& control, const std::function<void(std::int64_t)>& on_progress) override {
    begin(std::span(&framework, 1), spec);
    if (spec.mace)
      throw KernelError(ErrorCode::unsupported, "insertions need a force field for each site, which MACE is not");
    std::vector<std::string> warnings;
    const adsorption::HostLennardJones host = host_of(framework, spec, options, warnings);
    const std::vector<double> charges = charges_of(framework, spec.electrostatics);
    check_insertions(framework, charges, options);
    kept_ = {};
    const InsertionMemory memory = predict_insertions(framework, !charges.empty(), spec.electrostatics, options);
    const std::size_t limit_bytes = limit();
    (void)plan_parts(std::span(&framework, 1), std::array<std::size_t, 1>{memory.bytes(memory.fewest_at_once)},
                     limit_bytes);
    auto most_at_once = std::min(kMostPlacementsAtOnce, static_cast<std::int64_t>((limit_bytes - memory.run_bytes) /
                                                                                  memory.bytes_per_placement));
    while (true) {
      try {
        InsertionResult result = run_insertions(context_, framework, host, charges, spec.electrostatics, options,
                                                most_at_once, control, on_progress);
        prepend_all(result.warnings, warnings);
        return result;
      } catch (const KernelError& error) {
        if (error.code() != ErrorCode::out_of_memory || most_at_once <= memory.fewest_at_once) throw;
        most_at_once /= 2;
      }
    }
  }

  void set_memory_limit(std::optional<std::size_t> bytes) override { memory_limit_ = bytes; }

 private:
  /// Given with the request, or UFF4MOF's with what its typing warns of.
  static adsorption::HostLennardJones host_of(const Structure& framework, const PotentialSpec& spec,
                                              const InsertionOptions& options, std::vector<std::string>& warnings) {
    if (!options.host_epsilon_eV.empty())
      return adsorption::host_of_atoms(options.host_epsilon_eV, options.host_sigma_A);
    const uff4mof::Terms terms = uff4mof::assign_terms(framework, spec.uff4mof);
    warnings = terms.warnings;
    return adsorption::host_of_terms(terms);
  }

  void begin(std::span<const Structure> structures, const PotentialSpec& spec) {
    context_.make_current();
    check_batch(structures, spec);
    mace_ = {};
    if (spec.mace) mace_ = choose_mace(*spec.mace, structures);
    model_bytes_ = spec.mace ? prepare_mace(context_, models_, mace_, precision_) : 0;
  }

  /// For what comes on top of the model.
  [[nodiscard]] std::size_t limit() const {
    return memory_limit_ ? *memory_limit_ - std::min(*memory_limit_, model_bytes_) : free_memory(context_) / 10 * 9;
  }

  /// However the batch is split, a model is the one for all its elements: the parts give the bits of the whole.
  [[nodiscard]] TypedBatch type_part(std::span<const Structure> structures, const Part& part,
                                     const PotentialSpec& spec) const {
    TypedBatch typed = type_batch(structures.subspan(part.first, part.n), model_of(structures, spec), spec, part.first);
    typed.mace = mace_;
    return typed;
  }

  [[nodiscard]] std::vector<Part> plan(std::span<const Structure> structures,
                                       std::span<const std::size_t> bytes) const {
    return plan_parts(structures, bytes, limit());
  }

  /// work(part, control of the part) for every part of a run that keeps its state.
  template <class Work>
  void run_parts(std::span<const Structure> structures, const PotentialSpec& spec,
                 const std::vector<std::size_t>& bytes, const RunControl& control, Work work) {
    kept_ = {};
    SplitCheckpoint checkpoint(control.checkpoint, structures, plan(structures, bytes));
    const std::vector<Part> parts(checkpoint.parts().begin(), checkpoint.parts().end());
    for_each_part(
        structures, parts,
        [&](const Part& part) {
          RunControl part_control = control;
          part_control.checkpoint = checkpoint.plan_of(part);
          part_control.checkpoint.calculation = calculation_fingerprint(structures.subspan(part.first, part.n),
                                                                        model_of(structures, spec), spec, precision_);
          work(part, part_control);
        },
        [&](const Part& part, const Part& half, const Part& rest) { checkpoint.replace(part, half, rest); });
  }

  /// Types the structures of a part and builds their potential.
  void keep(std::span<const Structure> structures, const Part& part, const PotentialSpec& spec) {
    kept_ = {};
    const auto mine = structures.subspan(part.first, part.n);
    const TypedBatch typed = type_part(structures, part, spec);
    kept_.potential = make_potential(context_, models_, make_batch(context_, mine), mine, typed, spec, precision_);
    kept_.mace = typed.mace.model;
    kept_.warnings = typed.warnings;
    kept_.spec = spec;
    // One part of many is not what the next request will ask for.
    if (part.n == structures.size()) kept_.structures.assign(structures.begin(), structures.end());
  }

  Evaluation evaluate_kept(std::span<const Structure> structures, EvaluateWant want, std::size_t first) {
    const Batch batch = make_batch(context_, structures);
    Potential& potential = *kept_.potential;
    DeviceEvaluation device(context_, batch, static_cast<int>(potential.component_names().size()));
    evaluate_confirmed(potential, batch, want, device);
    Evaluation result = to_host(batch, potential, want, device, structures, first);
    prepend_all(result.warnings, kept_.warnings);
    return result;
  }

  RelaxResult relax_part(std::span<const Structure> structures, const Part& part, const PotentialSpec& spec,
                         const RelaxOptions& options, const RunControl& control,
                         const std::function<void(const RelaxStep&)>& on_step) {
    const auto mine = structures.subspan(part.first, part.n);
    Batch batch = make_batch(context_, mine);
    const TypedBatch typed = type_part(structures, part, spec);
    const auto potential = make_potential(context_, models_, batch, mine, typed, spec, precision_);
    DeviceEvaluation device(context_, batch, static_cast<int>(potential->component_names().size()));
    const auto pass_on = [&](RelaxStep step) {
      step.structure += static_cast<int>(part.first);
      on_step(step);
    };
    const auto potential_of = [&](std::span<const int> some) {
      return make_potential_of_some(context_, models_, mine, typed, some, spec, precision_);
    };
    RelaxResult result;
    result.outcomes =
        relax_batch(context_, batch, *potential, options_of(options, part), control, device, pass_on, potential_of);
    result.structures = to_structures(batch);
    result.evaluation = to_host(batch, *potential, {}, device, mine, part.first);
    prepend_all(result.evaluation.warnings, typed.warnings);
    return result;
  }

  MdResult md_part(std::span<const Structure> structures, const Part& part, const PotentialSpec& spec,
                   const MdOptions& options, const RunControl& control,
                   const std::function<void(const MdSample&)>& on_sample) {
    const auto mine = structures.subspan(part.first, part.n);
    Batch batch = make_batch(context_, mine);
    const TypedBatch typed = type_part(structures, part, spec);
    const auto potential = make_potential(context_, models_, batch, mine, typed, spec, precision_);
    DeviceEvaluation device(context_, batch, static_cast<int>(potential->component_names().size()));
    const auto pass_on = [&](const MdSample& sample) {
      if (part.first == 0) return on_sample(sample);
      MdSample in_whole = sample;
      in_whole.structure += static_cast<int>(part.first);
      on_sample(in_whole);
    };
    MdResult result =
        mofkernel::MOFK_NS::run_md(context_, batch, *potential, options_of(options, part), control, device, pass_on);
    prepend_all(result.warnings, typed.warnings);
    return result;
  }

  /// The same structures evaluated again need neither new types nor a new neighbor list, and give the same bits.
  [[nodiscard]] bool is_kept(std::span<const Structure> structures, const PotentialSpec& spec) const {
    if (!kept_.potential || kept_.spec != spec || !std::ranges::equal(kept_.structures, structures)) return false;
    return kept_.mace == mace_.model;
  }

  /// What the last evaluation left behind.
  struct Kept {
    std::vector<Structure> structures;
    PotentialSpec spec;
    std::shared_ptr<const mofkernel::mace::Model> mace;
    std::unique_ptr<Potential> potential;
    std::vector<std::string> warnings;
  };

  Context context_;
  mace::PreparedModels models_;
  Precision precision_;
  std::optional<std::size_t> memory_limit_;
  MaceModel mace_;  // of the request; none where it wants none
  std::size_t model_bytes_ = 0;
  Kept kept_;
};

}  // namespace

std::unique_ptr<Engine> make_device_engine(int device_index, Precision precision) {
  return std::make_unique<DeviceEngine>(device_index, precision);
}

}  // namespace mofkernel::MOFK_NS
