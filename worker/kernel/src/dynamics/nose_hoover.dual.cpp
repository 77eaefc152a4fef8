#include "dynamics/integrator.hpp"
#include "dynamics/kinetic.hpp"
#include "dynamics/nose_hoover_chain.hpp"
#include "dynamics/propagate.hpp"

namespace mofkernel::MOFK_NS {
namespace {

class NoseHoover final : public Integrator {
 public:
  NoseHoover(const MdSystem& system, const MdOptions& options)
      : length_(options.chain_length),
        time_(options.thermostat_time_fs),
        sums_(system.context, system.batch),
        chains_(system.context, static_cast<std::size_t>(system.batch.n_structures * 2 * length_)),
        twice_kinetic_(system.context, static_cast<std::size_t>(system.batch.n_structures)),
        tensors_(system.context, static_cast<std::size_t>(system.batch.n_structures)),
        propagators_(system.context, static_cast<std::size_t>(system.batch.n_structures)) {
    chains_.fill_zero();
  }

  void start(MdSystem& system) override { measure(system); }

  void begin_step(MdSystem& system) override {
    advance_chains(system);
    kick_and_drift(system, propagators_);
  }

  void end_step(MdSystem& system) override {
    kick_after(system, propagators_);
    measure(system);
    advance_chains(system);
    scale_velocities(system, propagators_);
  }

  void extended_energies(const MdSystem& system, Buffer<double>& energies) override {
    const View view = make_view(system);
    double* const d_energies = energies.data();
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) { d_energies[s] = view.chain(s).energy(); });
  }

  std::vector<StateArray> state() override { return {{"thermostat", &chains_}, {"twice_kinetic", &twice_kinetic_}}; }

  struct View {
    double* chains;
    const MdConstants* constants;
    int length;
    double time;
    [[nodiscard]] MOFK_HD Chain chain(int s) const {
      return {chains + 2 * length * s, length, constants[s].n_dof, constants[s].thermal_energy, time};
    }
  };

  View make_view(const MdSystem& system) { return {chains_.data(), system.constants.data(), length_, time_}; }

  void measure(MdSystem& system) {
    sums_.kinetic_tensors(system, tensors_.data());
    const KineticTensor* const d_tensors = tensors_.data();
    double* const d_twice_kinetic = twice_kinetic_.data();
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) { d_twice_kinetic[s] = d_tensors[s].trace(); });
  }

  /// Half a step of the chains; the velocities' factor waits in the propagators.
  void advance_chains(MdSystem& system) {
    const View view = make_view(system);
    double* const d_twice_kinetic = twice_kinetic_.data();
    Propagator<Scale>* const d_propagators = propagators_.data();
    const double timestep = system.timestep;
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) {
          const double factor = view.chain(s).advance(d_twice_kinetic[s], timestep / 2);
          d_twice_kinetic[s] *= factor * factor;
          d_propagators[s] = {{factor}, {timestep / 2}, {1}, {timestep}, {1}, {timestep / 2}};
        });
  }

 private:
  int length_;
  double time_;
  AtomSums sums_;
  Buffer<double> chains_;                  ///< [n_structures][2 length]
  Buffer<double> twice_kinetic_;           ///< [n_structures] eV
  Buffer<KineticTensor> tensors_;          ///< [n_structures]
  Buffer<Propagator<Scale>> propagators_;  ///< [n_structures]
};

}  // namespace

std::unique_ptr<Integrator> make_nose_hoover(const MdSystem& system, const MdOptions& options) {
  return std::make_unique<NoseHoover>(system, options);
}

}  // namespace mofkernel::MOFK_NS
