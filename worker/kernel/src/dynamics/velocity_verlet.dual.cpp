#include "dynamics/integrator.hpp"
#include "dynamics/propagate.hpp"

namespace mofkernel::MOFK_NS {
namespace {

class VelocityVerlet final : public Integrator {
 public:
  explicit VelocityVerlet(const MdSystem& system) : propagators_(system.context) {
    const Scale unchanged{1};
    const Scale half{system.timestep / 2};
    const Propagator<Scale> step{unchanged, half, unchanged, {system.timestep}, unchanged, half};
    propagators_.upload(std::vector<Propagator<Scale>>(static_cast<std::size_t>(system.batch.n_structures), step));
  }

  void begin_step(MdSystem& system) override { kick_and_drift(system, propagators_); }
  void end_step(MdSystem& system) override { kick_after(system, propagators_); }
  void extended_energies(const MdSystem& /*system*/, Buffer<double>& energies) override { energies.fill_zero(); }

 private:
  Buffer<Propagator<Scale>> propagators_;  ///< [n_structures]
};

}  // namespace

std::unique_ptr<Integrator> make_velocity_verlet(const MdSystem& system) {
  return std::make_unique<VelocityVerlet>(system);
}

}  // namespace mofkernel::MOFK_NS
