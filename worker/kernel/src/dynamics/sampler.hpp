// What leaves the device: samples and frames. A sample also judges each structure and keeps the state of the good ones.
#pragma once

#include "dynamics/integrator.hpp"
#include "dynamics/kinetic.hpp"
#include "dynamics/md_system.hpp"

namespace mofkernel::MOFK_NS {

/// One structure at one step.
struct SampleSummary {
  double potential_energy;  ///< eV
  double extended_energy;   ///< eV, of thermostat and barostat
  double volume;            ///< A^3, 0 without three periodic axes
  double virial[9];         ///< eV
  KineticTensor kinetic;
  std::int64_t diverged_at;
};

class Sampler {
 public:
  Sampler(const MdSystem& system, const MdStart& start);

  /// Reads the step that has just been done, with energies (and virials, where there is a volume) evaluated. A
  /// structure whose energy is not finite is marked as diverged; of the others positions, velocities and cells are kept
  /// as good. Waits for the device.
  void take(MdSystem& system, Integrator& integrator);

  [[nodiscard]] bool has_diverged(int s) const { return summaries_[static_cast<std::size_t>(s)].diverged_at != kNever; }
  /// Of the last take(); without a frame.
  [[nodiscard]] MdSample sample(int s, std::int64_t step, double time_fs) const;
  /// Adds the frame of the sample's structure.
  void add_frame(const MdSystem& system, MdSample& sample);

  // Device code, hence public.
  void summarize(MdSystem& system);
  void keep_good(MdSystem& system);

 private:
  struct Frames {
    std::vector<double> positions, velocities, forces, cells;
  };
  std::vector<int> first_atom_;
  std::vector<int> n_degrees_of_freedom_;
  AtomSums sums_;
  Buffer<KineticTensor> kinetic_;         ///< [n_structures]
  Buffer<double> extended_energies_;      ///< [n_structures]
  Buffer<SampleSummary> d_summaries_;     ///< [n_structures]
  std::vector<SampleSummary> summaries_;  ///< the same on the host
  std::unique_ptr<Frames> frames_;        ///< of the last take(), downloaded when first asked for
};

}  // namespace mofkernel::MOFK_NS
