// What an optimizer or an integrator sees of a potential: energies, forces and virials of a batch, all on the device.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "engine/engine.hpp"
#include "geometry/structure.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::MOFK_NS {

/// Structures on the device, one after another. Positions and cells may be changed between evaluations; the rest may
/// not.
struct Batch {
  int n_structures = 0;
  int n_atoms = 0;                ///< of all structures
  Buffer<int> first_atom;         ///< [n_structures + 1]
  Buffer<int> structure_of_atom;  ///< [n_atoms]
  Buffer<int> atomic_numbers;     ///< [n_atoms]
  Buffer<int> pbc;                ///< [n_structures][3] 0 or 1
  Buffer<double> positions;       ///< [n_atoms][3] A, never wrapped
  Buffer<double> cells;           ///< [n_structures][3][3] A, rows

  explicit Batch(const Context& context);
};

/// Throws KernelError(bad_structure) for an empty structure, a number that is not finite, or arrays of different
/// lengths.
Batch make_batch(const Context& context, std::span<const Structure> structures);

/// The structures as they are now, e.g. after a relaxation.
std::vector<Structure> to_structures(const Batch& batch);

/// Results on the device. Only what was asked for is defined after an evaluation.
struct DeviceEvaluation {
  Buffer<double> energies;           ///< [n_structures] eV
  Buffer<double> energy_components;  ///< [n_structures][n_components] eV
  Buffer<double> forces;             ///< [n_atoms][3] eV/A
  Buffer<double> virials;            ///< [n_structures][9] dE/d(strain), eV; divided by the volume it is the stress
  Buffer<double> energies_per_atom;  ///< [n_atoms] eV

  DeviceEvaluation(const Context& context, const Batch& batch, int n_components);
};

/// Positions and cells at which a neighbor list was built, on the host. A list decides the order of the sums over
/// pairs, so a run that is resumed bit by bit needs the list of the run that was killed, not a fresh one.
struct ListReference {
  std::vector<double> positions;  ///< [n_atoms][3] A; empty when no list was built yet
  std::vector<double> cells;      ///< [n_structures][3][3] A
  std::int64_t n_builds = 0;      ///< of the list until now, where that is counted; to report, not to restore
};

class Potential {
 public:
  virtual ~Potential() = default;
  /// Energies, forces, virials (want.stress) and energies per atom as wanted. CUDA: queued, the host does not wait and
  /// nothing is allocated once the first evaluations are confirmed, so that the calls can be captured in a graph.
  /// Atoms on top of each other give results that are not finite: who reads them checks.
  virtual void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) = 0;
  /// Waits for the evaluations since the last call. False: a neighbor list had run over, its room has been enlarged,
  /// and those evaluations are void; who moved atoms by them goes back to where it was and repeats. Throws
  /// KernelError(bad_structure | non_finite) for cells and positions that cannot be worked with.
  [[nodiscard]] virtual bool confirm() = 0;
  /// One per neighbor list inside.
  [[nodiscard]] virtual std::vector<ListReference> list_references() const = 0;
  /// Builds the lists anew as they were built then; `batch` is the one that will be evaluated.
  virtual void restore_lists(const Batch& batch, std::span<const ListReference> references) = 0;
  [[nodiscard]] virtual std::span<const std::string> component_names() const = 0;
};

/// Evaluates until the results count; for callers that look at each evaluation.
void evaluate_confirmed(Potential& potential, const Batch& batch, EvaluateWant want, DeviceEvaluation& out);

/// UFF4MOF for a batch; `terms` holds one entry per structure, in the order of the batch.
std::unique_ptr<Potential> make_uff4mof(const Context& context, std::span<const uff4mof::Terms> terms,
                                        Precision precision);

}  // namespace mofkernel::MOFK_NS
