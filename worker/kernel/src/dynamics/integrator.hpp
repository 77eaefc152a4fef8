// One step of an ensemble, in two halves around the evaluation of the forces.
#pragma once

#include <memory>
#include <vector>

#include "dynamics/md_system.hpp"

namespace mofkernel::MOFK_NS {

/// Everything is queued on the device; the host neither waits nor decides, so that a step can be captured and replayed.
class Integrator {
 public:
  virtual ~Integrator() = default;
  /// Once, after the first evaluation of a run that is not resumed.
  virtual void start(MdSystem& /*system*/) {}
  /// From the forces (and virials) at hand to new positions (and cells).
  virtual void begin_step(MdSystem& system) = 0;
  /// With the forces (and virials) at the new positions. The step is counted by the caller, afterwards.
  virtual void end_step(MdSystem& system) = 0;
  [[nodiscard]] virtual bool needs_virials() const { return false; }
  /// energies [n_structures] eV: what the conserved quantity holds besides potential and kinetic energy.
  virtual void extended_energies(const MdSystem& system, Buffer<double>& energies) = 0;
  /// All that a step leaves behind for the next one, besides what MdSystem, positions, cells and evaluation hold.
  [[nodiscard]] virtual std::vector<StateArray> state() { return {}; }
};

/// NVE. Source: Swope, Andersen, Berens, Wilson, J. Chem. Phys. 76, 637 (1982).
std::unique_ptr<Integrator> make_velocity_verlet(const MdSystem& system);

/// Langevin dynamics by the splitting BAOAB; the heat that flows in is counted, so that energy minus heat is conserved.
/// Source: Leimkuhler, Matthews, Appl. Math. Res. Express 2013, 34 (2013).
std::unique_ptr<Integrator> make_langevin(const MdSystem& system, const MdOptions& options);

/// Nose-Hoover chains. Source: Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992); splitting of Martyna,
/// Tuckerman, Tobias, Klein, Mol. Phys. 87, 1117 (1996).
std::unique_ptr<Integrator> make_nose_hoover(const MdSystem& system, const MdOptions& options);

/// Isotropic barostat with Nose-Hoover chains on the particles and, by themselves, on the barostat.
/// Source: Martyna, Tobias, Klein, J. Chem. Phys. 101, 4177 (1994); the splitting of Tuckerman et al., J. Phys. A 39,
/// 5629 (2006).
std::unique_ptr<Integrator> make_mtk_isotropic(const MdSystem& system, const MdOptions& options);

/// The same for the full cell. Its momentum is kept symmetric, so that the cell does not rotate and has six degrees of
/// freedom.
std::unique_ptr<Integrator> make_mtk_full(const MdSystem& system, const MdOptions& options);

std::unique_ptr<Integrator> make_integrator(const MdSystem& system, const MdOptions& options);

}  // namespace mofkernel::MOFK_NS
