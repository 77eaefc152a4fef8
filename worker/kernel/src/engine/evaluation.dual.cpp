#include "engine/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS {
namespace {

bool is_periodic(const Structure& structure) { return structure.pbc[0] && structure.pbc[1] && structure.pbc[2]; }

template <class T>
void move_to_end(std::vector<T>& whole, std::vector<T>& part) {
  if (whole.empty()) {
    whole = std::move(part);
  } else {
    std::move(part.begin(), part.end(), std::back_inserter(whole));
  }
}

}  // namespace

void check_finite(const Evaluation& evaluation) {
  for (std::size_t s = 0; s < evaluation.energies.size(); ++s) {
    if (std::isfinite(evaluation.energies[s])) continue;
    throw KernelError(ErrorCode::non_finite, "structure " + std::to_string(s) + ": the energy is not finite; two " +
                                                 "atoms lie on top of each other or a coordinate is absurd");
  }
  for (std::size_t i = 0; i < evaluation.forces.size(); ++i) {
    const auto& force = evaluation.forces[i];
    if (std::all_of(force.begin(), force.end(), [](double f) { return std::isfinite(f); })) continue;
    throw KernelError(ErrorCode::non_finite, "the force on atom " + std::to_string(i) + " of the batch is not " +
                                                 "finite; its position coincides with that of another atom");
  }
}

Evaluation to_host(const Batch& batch, const Potential& potential, EvaluateWant want, const DeviceEvaluation& device,
                   std::span<const Structure> structures, std::size_t first) {
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
        host.warnings.push_back("structure " + std::to_string(first + s) +
                                " is not periodic along all axes: it has no stress");
        continue;
      }
      const double volume = std::abs(determinant(cells.data() + 9 * s));
      for (std::size_t k = 0; k < 9; ++k) host.stress[s][k] = virials[9 * s + k] / volume;
    }
  }
  if (want.per_atom) host.energies_per_atom = device.energies_per_atom.to_host();
  return host;
}

void append(Evaluation& whole, Evaluation&& part) {
  if (whole.component_names.empty()) whole.component_names = std::move(part.component_names);
  move_to_end(whole.energies, part.energies);
  move_to_end(whole.energy_components, part.energy_components);
  move_to_end(whole.forces, part.forces);
  move_to_end(whole.stress, part.stress);
  move_to_end(whole.energies_per_atom, part.energies_per_atom);
  move_to_end(whole.warnings, part.warnings);
}

}  // namespace mofkernel::MOFK_NS
