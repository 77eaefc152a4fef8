// The Engine of one device: host structures in, host results out.
#include "engine/device_engine.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/lattice.hpp"
#include "optimizers/relax.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

namespace {

bool is_periodic(const Structure& structure) { return structure.pbc[0] && structure.pbc[1] && structure.pbc[2]; }

/// A number that is not finite must not travel on: it would look like a converged zero to the next comparison.
void check_finite(const Evaluation& evaluation, std::span<const Structure> structures) {
  for (std::size_t s = 0; s < evaluation.energies.size(); ++s) {
    if (std::isfinite(evaluation.energies[s])) continue;
    throw KernelError(ErrorCode::non_finite,
                      "structure " + std::to_string(s) + " of " + std::to_string(structures.size()) +
                          ": the energy is not finite; two atoms lie on top of each other or a " +
                          "coordinate is absurd");
  }
  for (std::size_t i = 0; i < evaluation.forces.size(); ++i) {
    for (const double f : evaluation.forces[i]) {
      if (!std::isfinite(f)) {
        throw KernelError(ErrorCode::non_finite, "the force on atom " + std::to_string(i) +
                                                     " of the batch is not finite; its " +
                                                     "position coincides with that of another atom");
      }
    }
  }
}

Evaluation to_host(const Batch& batch, const Potential& potential, EvaluateWant want, const DeviceEvaluation& device,
                   std::span<const Structure> structures) {
  Evaluation host;
  host.component_names.assign(potential.component_names().begin(), potential.component_names().end());
  host.energies = device.energies.to_host();
  host.energy_components = device.energy_components.to_host();
  if (want.forces) {
    const std::vector<double> forces = device.forces.to_host();
    host.forces.resize(static_cast<std::size_t>(batch.n_atoms));
    for (std::size_t i = 0; i < host.forces.size(); ++i)
      host.forces[i] = {forces[3 * i], forces[3 * i + 1], forces[3 * i + 2]};
  }
  if (want.stress) {
    const std::vector<double> virials = device.virials.to_host();
    const std::vector<double> cells = batch.cells.to_host();
    host.stress.resize(structures.size());
    for (std::size_t s = 0; s < structures.size(); ++s) {
      // Without three periodic axes there is no volume and no stress; the caller is told by zeros and a warning.
      if (!is_periodic(structures[s])) {
        host.warnings.push_back("structure " + std::to_string(s) + " is not periodic along all axes: it has no stress");
        continue;
      }
      const double volume = std::abs(determinant(cells.data() + 9 * s));
      for (std::size_t k = 0; k < 9; ++k) host.stress[s][k] = virials[9 * s + k] / volume;
    }
  }
  if (want.per_atom) host.energies_per_atom = device.energies_per_atom.to_host();
  return host;
}

class DeviceEngine final : public Engine {
 public:
  DeviceEngine(int device_index, Precision precision) : context_(device_index), precision_(precision) {}

  Evaluation evaluate(std::span<const Structure> structures, const PotentialSpec& spec, EvaluateWant want) override {
    context_.make_current();
    const Batch batch = make_batch(context_, structures);
    keep_potential(structures, spec);
    Potential& potential = *kept_.potential;
    DeviceEvaluation device(context_, batch, static_cast<int>(potential.component_names().size()));
    evaluate_confirmed(potential, batch, want, device);
    Evaluation host = to_host(batch, potential, want, device, structures);
    check_finite(host, structures);
    host.warnings.insert(host.warnings.begin(), kept_.warnings.begin(), kept_.warnings.end());
    return host;
  }

  RelaxResult relax(std::span<const Structure> structures, const PotentialSpec& spec, const RelaxOptions& options,
                    const RunControl& control, const std::function<void(const RelaxStep&)>& on_step) override {
    context_.make_current();
    Batch batch = make_batch(context_, structures);
    std::vector<std::string> warnings;
    const auto potential = make_potential(structures, spec, warnings);
    DeviceEvaluation device(context_, batch, static_cast<int>(potential->component_names().size()));
    RelaxResult result;
    result.outcomes = relax_batch(context_, batch, *potential, options, control, device, on_step);
    result.structures = to_structures(batch);
    result.evaluation = to_host(batch, *potential, {}, device, structures);
    result.evaluation.warnings.insert(result.evaluation.warnings.begin(), warnings.begin(), warnings.end());
    return result;
  }

  MdResult run_md(std::span<const Structure> /*structures*/, const PotentialSpec& /*spec*/,
                  const MdOptions& /*options*/, const RunControl& /*control*/,
                  const std::function<void(const MdSample&)>& /*on_sample*/) override {
    throw KernelError(ErrorCode::unsupported, "molecular dynamics is not there yet");
  }

  ForceConstants force_constants(const Structure& /*structure*/, const PotentialSpec& /*spec*/,
                                 const ForceConstantOptions& /*options*/, const RunControl& /*control*/,
                                 const std::function<void(int)>& /*on_progress*/) override {
    throw KernelError(ErrorCode::unsupported, "force constants are not there yet");
  }

  InsertionResult insert(const Structure& /*framework*/, const PotentialSpec& /*spec*/,
                         const InsertionOptions& /*options*/, const RunControl& /*control*/,
                         const std::function<void(std::int64_t)>& /*on_progress*/) override {
    throw KernelError(ErrorCode::unsupported, "insertions are not there yet");
  }

  void set_memory_limit(std::optional<std::size_t> bytes) override { memory_limit_ = bytes; }

 private:
  std::unique_ptr<Potential> make_potential(std::span<const Structure> structures, const PotentialSpec& spec,
                                            std::vector<std::string>& warnings) const {
    std::vector<uff4mof::Terms> terms;
    for (std::size_t s = 0; s < structures.size(); ++s) {
      terms.push_back(uff4mof::assign_terms(structures[s], spec.uff4mof));
      for (const std::string& warning : terms.back().warnings) {
        warnings.push_back(structures.size() == 1 ? warning : "structure " + std::to_string(s) + ": " + warning);
      }
    }
    return make_uff4mof(context_, terms, precision_);
  }

  /// The same structures evaluated again need neither new types nor a new neighbor list, and give the same bits.
  void keep_potential(std::span<const Structure> structures, const PotentialSpec& spec) {
    if (kept_.potential && kept_.spec == spec && std::ranges::equal(kept_.structures, structures)) return;
    Kept fresh;
    fresh.structures.assign(structures.begin(), structures.end());
    fresh.spec = spec;
    fresh.potential = make_potential(structures, spec, fresh.warnings);
    kept_ = std::move(fresh);
  }

  /// What the last evaluation left behind.
  struct Kept {
    std::vector<Structure> structures;
    PotentialSpec spec;
    std::unique_ptr<Potential> potential;
    std::vector<std::string> warnings;
  };

  Context context_;
  Precision precision_;
  std::optional<std::size_t> memory_limit_;
  Kept kept_;
};

}  // namespace

std::unique_ptr<Engine> make_device_engine(int device_index, Precision precision) {
  return std::make_unique<DeviceEngine>(device_index, precision);
}

}  // namespace mofkernel::MOFK_NS
