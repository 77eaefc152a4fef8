// What the protocol and the command line ask of a device: plain C++, the same for the CPU and for CUDA.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adsorption/insertions.hpp"
#include "dynamics/md.hpp"
#include "engine/run_control.hpp"
#include "geometry/structure.hpp"
#include "geometry/symmetry_operation.hpp"
#include "potentials/dispersion/options.hpp"
#include "potentials/electrostatics/options.hpp"
#include "potentials/mace/options.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel {

/// float64: all double; float32: all float; mixed: pair and term arithmetic in float, sums in double.
/// Positions, cells and everything that leaves the engine are double in every mode.
enum class Precision { float64, float32, mixed };

/// The potential and its options: UFF4MOF with its electrostatics, or where `mace` is set that model and nothing of
/// UFF4MOF, with `dispersion` added to it when that is set too.
struct PotentialSpec {
  uff4mof::Options uff4mof;
  electrostatics::Options electrostatics;
  /// Types, bonds and charges of the first structure hold for every structure of the batch, which then all have its
  /// atoms in its order: strained and displaced copies must not be typed anew, or the energy would jump.
  bool share_topology = false;
  /// The structure that is typed instead, for all of the batch: one that was relaxed, heated or strained keeps the
  /// types, bonds and charges that it began with. Its atoms and periodic axes are theirs, in their order, and no atom
  /// of theirs was moved by a lattice vector.
  std::optional<Structure> topology{};
  std::optional<mace::Options> mace{};
  std::optional<dispersion::Options> dispersion{};

  bool operator==(const PotentialSpec&) const = default;
};

struct EvaluateWant {
  /// Off saves time in a step loop; energies and components are then undefined.
  bool energies = true;
  bool forces = true;
  bool stress = true;
  bool per_atom = false;
};

/// Results for a batch of n structures with N atoms in all.
struct Evaluation {
  std::vector<std::string> component_names;   ///< e.g. bond, angle, torsion, inversion, van_der_waals
  std::vector<double> energies;               ///< [n] eV
  std::vector<double> energy_components;      ///< [n][n_components] eV
  std::vector<std::array<double, 3>> forces;  ///< [N] eV/A
  std::vector<std::array<double, 9>> stress;  ///< [n] row-major 3x3, eV/A^3, positive = tensile
  std::vector<double> energies_per_atom;      ///< [N] eV
  std::vector<std::string> warnings;
};

enum class Optimizer { lbfgs, bfgs, fire, mdmin };
enum class CellMode { fixed, isotropic, full };

struct RelaxOptions {
  Optimizer optimizer = Optimizer::lbfgs;
  double fmax_eV_A = 0.001;
  int max_steps = 500;
  CellMode cell_mode = CellMode::full;
  std::vector<double> pressures_eV_A3{};    ///< [n], or empty: 0
  std::vector<std::uint8_t> fixed_atoms{};  ///< [N] 1 = does not move (its fractional position stays), or empty
  /// [n] operations under which each structure stays as it is, or that generate them; none: nothing to keep. Or empty.
  std::vector<std::vector<SymmetryOperation>> symmetry{};
  int frame_interval = 0;
};

/// One step of one structure. Frame members are set when the step carries a frame.
struct RelaxStep {
  int structure = 0;
  int step = 0;
  double energy_eV = 0;
  double max_force_eV_A = 0;
  std::optional<double> max_cell_force_eV_A;
  std::optional<double> volume_A3;
  std::optional<std::array<double, 6>> stress_voigt_eV_A3;
  bool has_frame = false;
  std::vector<std::array<double, 3>> positions;
  std::array<std::array<double, 3>, 3> cell{};
  std::vector<std::array<double, 3>> forces;
};

enum class RelaxEndState { converged, max_steps, diverged, cancelled, deadline };

struct RelaxOutcome {
  RelaxEndState end_state = RelaxEndState::max_steps;
  int steps = 0;
  double max_force_eV_A = 0;
  std::optional<double> max_cell_force_eV_A;
};

struct RelaxResult {
  std::vector<RelaxOutcome> outcomes;  ///< [n]
  std::vector<Structure> structures;   ///< [n] last accepted (when diverged: last good) geometry
  Evaluation evaluation;               ///< at that geometry
};

/// Central differences of the forces of one structure.
struct ForceConstantOptions {
  double displacement_A = 0.01;
  std::vector<int> atoms{};                         ///< [n_displacements]
  std::vector<std::array<double, 3>> directions{};  ///< [n_displacements] cartesian; used with length 1
};

struct ForceConstants {
  /// [n_displacements][n_atoms][3] -(F(+d) - F(-d)) / (2 d), eV/A^2: the change of the energy's gradient on every atom
  /// per A that the displaced atom moves along its direction.
  std::vector<double> rows;
  /// [n_atoms] of the structure as given, eV/A: how far from a stationary point it is.
  std::vector<std::array<double, 3>> forces;
  int n_finished = 0;  ///< rows that are valid, from the first; all of them unless the run was stopped
  StopReason stop = StopReason::none;
  std::vector<std::string> warnings;
};

/// One device in one precision. Not thread-safe; errors are KernelError.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Evaluation evaluate(std::span<const Structure> structures, const PotentialSpec& potential,
                              EvaluateWant want) = 0;
  /// `on_step` is called from the calling thread.
  virtual RelaxResult relax(std::span<const Structure> structures, const PotentialSpec& potential,
                            const RelaxOptions& options, const RunControl& control,
                            const std::function<void(const RelaxStep&)>& on_step) = 0;
  /// `on_sample` is called from the calling thread.
  virtual MdResult run_md(std::span<const Structure> structures, const PotentialSpec& potential,
                          const MdOptions& options, const RunControl& control,
                          const std::function<void(const MdSample&)>& on_sample) = 0;
  /// `on_progress` gets the number of finished rows.
  virtual ForceConstants force_constants(const Structure& structure, const PotentialSpec& potential,
                                         const ForceConstantOptions& options, const RunControl& control,
                                         const std::function<void(int)>& on_progress) = 0;
  /// Host-guest energies of one rigid adsorbate in one rigid framework; `on_progress` gets the number of placements
  /// done.
  virtual InsertionResult insert(const Structure& framework, const PotentialSpec& potential,
                                 const InsertionOptions& options, const RunControl& control,
                                 const std::function<void(std::int64_t)>& on_progress) = 0;
  /// Bytes of device memory that a calculation may take; a batch that would need more is split, a single structure that
  /// would need more is refused (out_of_memory). Unset: nine tenths of what is free when the calculation starts.
  virtual void set_memory_limit(std::optional<std::size_t> bytes) = 0;
};

struct DeviceInfo {
  std::string device;  ///< "cpu" or "cuda:<index>"
  std::string name;
  std::string uuid;  ///< empty for the CPU
  std::size_t memory_total_bytes = 0;
  std::size_t memory_free_bytes = 0;
  std::string compute_capability;  ///< empty for the CPU
  int n_threads = 0;               ///< 0 for CUDA devices
};

struct DeviceList {
  std::vector<DeviceInfo> devices;      ///< the CPU is always there, first
  std::string cuda_unavailable_reason;  ///< empty when a CUDA device is there or CUDA was not built
};

DeviceList list_devices();

/// Throws KernelError(bad_request) for a name that is no device's, (no_device) when the named device is not there,
/// (unsupported_architecture) when this build has no code for it.
std::unique_ptr<Engine> make_engine(const std::string& device, Precision precision);

}  // namespace mofkernel
