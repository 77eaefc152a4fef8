#include "dynamics/integrator.hpp"
#include "dynamics/kinetic.hpp"
#include "dynamics/philox.hpp"
#include "dynamics/propagate.hpp"

namespace mofkernel::MOFK_NS {
namespace {

class Langevin final : public Integrator {
 public:
  Langevin(const MdSystem& system, const MdOptions& options)
      : seed_(options.seed),
        first_structure_(options.first_structure),
        memory_(exp(-options.friction_per_fs * options.timestep_fs)),
        sums_(system.context, system.batch),
        heat_(system.context, static_cast<std::size_t>(system.batch.n_atoms)),
        propagators_(system.context) {
    heat_.fill_zero();
    const Scale unchanged{1};
    const Scale half{system.timestep / 2};
    // The whole drift after one O step in the middle: begin_step() does it itself.
    const Propagator<Scale> step{unchanged, half, unchanged, half, unchanged, half};
    propagators_.upload(std::vector<Propagator<Scale>>(static_cast<std::size_t>(system.batch.n_structures), step));
  }

  void begin_step(MdSystem& system) override {
    kick_and_drift(system, propagators_);
    thermalize_and_drift(system);
  }
  void end_step(MdSystem& system) override { kick_after(system, propagators_); }

  void extended_energies(const MdSystem& system, Buffer<double>& energies) override {
    sums_.sums(system, heat_, energies.data());
    negate(system, energies);
  }

  std::vector<StateArray> state() override { return {{"heat", &heat_}}; }

  /// O and the second half of the drift.
  void thermalize_and_drift(MdSystem& system) {
    const int* const d_structure = system.batch.structure_of_atom.data();
    const int* const d_first_atom = system.batch.first_atom.data();
    const double* const d_inertias = system.inertias.data();
    const double* const d_inverse_inertias = system.inverse_inertias.data();
    const MdConstants* const d_constants = system.constants.data();
    const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
    const std::int64_t* const d_diverged_at = system.diverged_at.data();
    double* const d_positions = system.batch.positions.data();
    double* const d_velocities = system.velocities.data();
    double* const d_heat = heat_.data();
    const std::uint64_t seed = seed_;
    const int first_structure = first_structure_;
    const double memory = memory_;
    const double half = system.timestep / 2;
    parallel_for(
        system.context, system.batch.n_atoms, MOFK_LAMBDA(int i) {
          const int s = d_structure[i];
          const std::int64_t step = *d_n_steps_done + 1;
          if (d_inverse_inertias[i] == 0 || diverged_before(d_diverged_at, s, step)) return;
          double normals[3];
          random_normals(seed, RandomUse::langevin, step, s + first_structure, i - d_first_atom[s], normals);
          const double width = sqrt(d_constants[s].thermal_energy * d_inverse_inertias[i] * (1 - memory * memory));
          double* const v = d_velocities + 3 * i;
          double change = 0;
          for (int a = 0; a < 3; ++a) {
            const double after = memory * v[a] + width * normals[a];
            change += after * after - v[a] * v[a];
            v[a] = after;
            d_positions[3 * i + a] += half * after;
          }
          d_heat[i] += 0.5 * d_inertias[i] * change;
        });
  }

  static void negate(const MdSystem& system, Buffer<double>& energies) {
    double* const d_energies = energies.data();
    parallel_for(system.context, system.batch.n_structures, MOFK_LAMBDA(int s) { d_energies[s] = -d_energies[s]; });
  }

 private:
  std::uint64_t seed_;
  int first_structure_;
  double memory_;  ///< part of a velocity that a step leaves
  AtomSums sums_;
  Buffer<double> heat_;                    ///< [n_atoms] eV that the bath has given
  Buffer<Propagator<Scale>> propagators_;  ///< [n_structures]
};

}  // namespace

std::unique_ptr<Integrator> make_langevin(const MdSystem& system, const MdOptions& options) {
  return std::make_unique<Langevin>(system, options);
}

}  // namespace mofkernel::MOFK_NS
