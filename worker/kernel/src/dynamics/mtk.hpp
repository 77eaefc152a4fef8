// The Martyna-Tobias-Klein barostat for a box that is a number (its logarithmic volume) or a symmetric matrix; what
// the two share. The files mtk_isotropic and mtk_full hold the boxes.
#pragma once

#include "dynamics/integrator.hpp"
#include "dynamics/kinetic.hpp"
#include "dynamics/nose_hoover_chain.hpp"
#include "dynamics/propagate.hpp"

namespace mofkernel::MOFK_NS {

/// (exp(x) - 1) / x
MOFK_HD inline double relative_exponential(double x) { return x == 0 ? 1.0 : expm1(x) / x; }

/// What pushes the box of one structure.
struct BoxForces {
  KineticTensor kinetic;   ///< eV
  double virial[6];        ///< dE/d(strain), eV; xx yy zz yz xz xy
  double pressure_volume;  ///< eV
  double inverse_n_dof;    ///< of the particles; 0 when there are none
};

/// Box: `Map` of the positions, the numbers of momenta kMomenta (eV fs) and of degrees of freedom kDegrees, and for
/// momenta p: mass(), twice_kinetic(), push(), propagator() and is_gentle(), which refuses a step that tears the cell.
template <class Box>
class MtkBarostat final : public Integrator {
 public:
  using Map = typename Box::Map;

  MtkBarostat(const MdSystem& system, const MdOptions& options)
      : length_(options.chain_length),
        thermostat_time_(options.thermostat_time_fs),
        barostat_time_(options.barostat_time_fs),
        sums_(system.context, system.batch),
        particle_chains_(system.context, static_cast<std::size_t>(system.batch.n_structures * 2 * length_)),
        box_chains_(system.context, static_cast<std::size_t>(system.batch.n_structures * 2 * length_)),
        box_momenta_(system.context, static_cast<std::size_t>(system.batch.n_structures * Box::kMomenta)),
        kinetic_(system.context, static_cast<std::size_t>(system.batch.n_structures) * 6),
        propagators_(system.context, static_cast<std::size_t>(system.batch.n_structures)) {
    particle_chains_.fill_zero();
    box_chains_.fill_zero();
    box_momenta_.fill_zero();
  }

  [[nodiscard]] bool needs_virials() const override { return true; }

  void start(MdSystem& system) override { sums_.kinetic_tensors(system, tensors()); }

  void begin_step(MdSystem& system) override {
    begin_boxes(system);
    kick_and_drift(system, propagators_);
  }

  void end_step(MdSystem& system) override {
    kick_after(system, propagators_);
    sums_.kinetic_tensors(system, tensors());
    end_boxes(system);
    scale_velocities(system, propagators_);
  }

  void extended_energies(const MdSystem& system, Buffer<double>& energies) override {
    const View view = make_view(system);
    double* const d_energies = energies.data();
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) {
          d_energies[s] = view.particle_chain(s).energy() + view.box_chain(s).energy() +
                          0.5 * Box::twice_kinetic(view.momenta(s), view.box_mass(s)) + view.pressure_volume(s);
        });
  }

  std::vector<StateArray> state() override {
    return {{"thermostat", &particle_chains_},
            {"barostat_thermostat", &box_chains_},
            {"barostat", &box_momenta_},
            {"kinetic", &kinetic_}};
  }

  /// Pointers and constants for device code.
  struct View {
    double* particle_chains;
    double* box_chains;
    double* box_momenta;
    KineticTensor* kinetic;
    double* cells;
    const double* virials;
    const MdConstants* constants;
    int length;
    double thermostat_time, barostat_time, timestep;

    [[nodiscard]] MOFK_HD Chain particle_chain(int s) const {
      return {particle_chains + 2 * length * s, length, constants[s].n_dof, constants[s].thermal_energy,
              thermostat_time};
    }
    /// On the barostat's own time scale, as Martyna, Tobias and Klein have it.
    [[nodiscard]] MOFK_HD Chain box_chain(int s) const {
      return {box_chains + 2 * length * s, length, Box::kDegrees, constants[s].thermal_energy, barostat_time};
    }
    [[nodiscard]] MOFK_HD double* momenta(int s) const { return box_momenta + Box::kMomenta * s; }
    [[nodiscard]] MOFK_HD double box_mass(int s) const {
      return Box::mass(constants[s].n_dof) * constants[s].thermal_energy * barostat_time * barostat_time;
    }
    [[nodiscard]] MOFK_HD double pressure_volume(int s) const {
      return constants[s].pressure * fabs(determinant(cells + 9 * s));
    }
    [[nodiscard]] MOFK_HD double inverse_n_dof(int s) const {
      return constants[s].n_dof > 0 ? 1 / constants[s].n_dof : 0.0;
    }

    MOFK_HD void advance_box_chain(int s) const {
      double* const p = momenta(s);
      const double factor = box_chain(s).advance(Box::twice_kinetic(p, box_mass(s)), timestep / 2);
      for (int k = 0; k < Box::kMomenta; ++k) p[k] *= factor;
    }
    MOFK_HD double advance_particle_chain(int s) const {
      const double factor = particle_chain(s).advance(kinetic[s].trace(), timestep / 2);
      for (int k = 0; k < 6; ++k) kinetic[s].m[k] *= factor * factor;
      return factor;
    }
    MOFK_HD void push_box(int s) const {
      const double* const w = virials + 9 * s;
      const BoxForces forces{kinetic[s],
                             {w[0], w[4], w[8], 0.5 * (w[5] + w[7]), 0.5 * (w[2] + w[6]), 0.5 * (w[1] + w[3])},
                             pressure_volume(s),
                             inverse_n_dof(s)};
      Box::push(momenta(s), forces, timestep / 2);
    }
    /// False, and nothing done, when the cell could not be worked with afterwards.
    [[nodiscard]] MOFK_HD bool move_cell(int s, const Map& stretch) const {
      double moved[9] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
      for (int row = 0; row < 3; ++row) stretch.add(cells + 9 * s + 3 * row, moved + 3 * row);
      const int periodic[3] = {1, 1, 1};
      if (!is_usable_lattice(moved, periodic)) return false;
      for (int k = 0; k < 9; ++k) cells[9 * s + k] = moved[k];
      return true;
    }
  };

  View make_view(const MdSystem& system) {
    return {particle_chains_.data(),
            box_chains_.data(),
            box_momenta_.data(),
            tensors(),
            system.batch.cells.data(),
            system.evaluation.virials.data(),
            system.constants.data(),
            length_,
            thermostat_time_,
            barostat_time_,
            system.timestep};
  }

  void begin_boxes(MdSystem& system) {
    const View view = make_view(system);
    const double* const d_good_cells = system.good_cells.data();
    const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
    std::int64_t* const d_diverged_at = system.diverged_at.data();
    Propagator<Map>* const d_propagators = propagators_.data();
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) {
          const std::int64_t step = *d_n_steps_done + 1;
          d_propagators[s] = Box::standstill();
          if (diverged_before(d_diverged_at, s, step)) {
            for (int k = 0; k < 9; ++k) view.cells[9 * s + k] = d_good_cells[9 * s + k];
            return;
          }
          view.advance_box_chain(s);
          const double factor = view.advance_particle_chain(s);
          view.push_box(s);
          const double* const p = view.momenta(s);
          if (!Box::is_gentle(p, view.timestep / view.box_mass(s))) {
            mark_diverged(d_diverged_at, s, step);
            return;
          }
          const Propagator<Map> propagator =
              Box::propagator(p, view.box_mass(s), view.inverse_n_dof(s), factor, view.timestep);
          if (view.move_cell(s, propagator.stretch)) {
            d_propagators[s] = propagator;
          } else {
            mark_diverged(d_diverged_at, s, step);
          }
        });
  }

  void end_boxes(MdSystem& system) {
    const View view = make_view(system);
    const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
    const std::int64_t* const d_diverged_at = system.diverged_at.data();
    Propagator<Map>* const d_propagators = propagators_.data();
    parallel_for(
        system.context, system.batch.n_structures, MOFK_LAMBDA(int s) {
          if (diverged_before(d_diverged_at, s, *d_n_steps_done + 1)) return;
          view.push_box(s);
          d_propagators[s].keep = Box::multiple(view.advance_particle_chain(s));
          view.advance_box_chain(s);
        });
  }

 private:
  KineticTensor* tensors() { return reinterpret_cast<KineticTensor*>(kinetic_.data()); }

  int length_;
  double thermostat_time_;
  double barostat_time_;
  AtomSums sums_;
  Buffer<double> particle_chains_;       ///< [n_structures][2 length]
  Buffer<double> box_chains_;            ///< [n_structures][2 length]
  Buffer<double> box_momenta_;           ///< [n_structures][kMomenta]
  Buffer<double> kinetic_;               ///< [n_structures] KineticTensor
  Buffer<Propagator<Map>> propagators_;  ///< [n_structures]
};

}  // namespace mofkernel::MOFK_NS
