#include "potentials/mace/mace_energies.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

struct Parts {
  double isolated, interaction, repulsion;

  MOFK_HD Parts& operator+=(const Parts& other) {
    isolated += other.isolated;
    interaction += other.interaction;
    repulsion += other.repulsion;
    return *this;
  }
};

struct PartsOfAtom {
  AtomEnergies atoms;

  MOFK_HD Parts operator()(int i) const {
    return {atoms.isolated[atoms.group_of_atom[i]], atoms.interaction[i] + atoms.shift,
            atoms.repulsion != nullptr ? atoms.repulsion[i] : 0};
  }
};

struct StoreParts {
  int n_components;
  double* energies;
  double* components;

  MOFK_HD void operator()(int structure, const Parts& parts) const {
    energies[structure] = parts.isolated + parts.interaction + parts.repulsion;
    double* const mine = components + structure * n_components;
    mine[0] = parts.isolated;
    mine[1] = parts.interaction;
    if (n_components > 2) mine[2] = parts.repulsion;
  }
};

}  // namespace

void sum_energies(const Context& context, const Batch& batch, const AtomEnergies& atoms, DeviceEvaluation& out) {
  const StoreParts store{atoms.repulsion != nullptr ? 3 : 2, out.energies.data(), out.energy_components.data()};
  segmented_reduce_with<Sum>(context, batch.n_structures, batch.first_atom.data(), Parts{0, 0, 0}, PartsOfAtom{atoms},
                             store);
}

void sum_energies_per_atom(const Context& context, const Batch& batch, const AtomEnergies& atoms,
                           DeviceEvaluation& out) {
  const PartsOfAtom parts_of{atoms};
  double* const energies = out.energies_per_atom.data();
  parallel_for(
      context, batch.n_atoms, MOFK_LAMBDA(int i) {
        const Parts parts = parts_of(i);
        energies[i] = parts.isolated + parts.interaction + parts.repulsion;
      });
}

}  // namespace mofkernel::MOFK_NS::mace
