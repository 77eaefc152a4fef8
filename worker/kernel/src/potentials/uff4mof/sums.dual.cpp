// What the steps have left at terms, edges and atoms -> forces, energies and virials.
#include <algorithm>

#include "potentials/uff4mof/device_steps.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using uff4mof::kAngle, uff4mof::kTermKinds, uff4mof::kTorsion;

/// All that a structure's parts sum up to.
struct StructureSum {
  double components[kUff4mofComponents];
  double virial[6];
  MOFK_HD StructureSum& operator+=(const StructureSum& other) {
    for (int k = 0; k < kUff4mofComponents; ++k) components[k] += other.components[k];
    for (int k = 0; k < 6; ++k) virial[k] += other.virial[k];
    return *this;
  }
};

/// Row and column of the components of a symmetric matrix, xx yy zz yz xz xy.
MOFK_HD inline int voigt(int row, int column) { return row == column ? row : 6 - row - column; }

}  // namespace

template <class Real, class Accumulator>
void sum_forces(const Context& context, const DeviceTerms<Real>& terms, const Uff4mofWork<Real, Accumulator>& work,
                DeviceEvaluation& out) {
  const int* const first = terms.first_edge_of_atom.data();
  const int* const codes = terms.edge_codes_of_atom.data();
  const Vec3<Accumulator>* const gradients = work.edge_gradients.data();
  const PairSum<Accumulator>* const pair_sums = work.pair_sums.data();
  double* const forces = out.forces.data();
  parallel_for(
      context, work.n_atoms,
      MOFK_LAMBDA(int i) {
        // An edge's vector grows when its far end moves along it and shrinks when its near end does.
        Vec3<Accumulator> sum{};
        for (int k = first[i]; k < first[i + 1]; ++k) {
          const Accumulator sign = codes[k] % 2 == 0 ? Accumulator(1) : Accumulator(-1);
          sum = sum + sign * gradients[codes[k] / 2];
        }
        const PairSum<Accumulator>& pairs = pair_sums[i];
        forces[3 * i] = sum.x + pairs.force[0];
        forces[3 * i + 1] = sum.y + pairs.force[1];
        forces[3 * i + 2] = sum.z + pairs.force[2];
      },
      4096);
}

SumParts::SumParts(const Context& context, const uff4mof::TermTable& table)
    : first(context), component(context), first_of_structure(context), parts_of_structure(context) {
  std::vector<int> host_first;
  std::vector<int> host_component;
  std::vector<std::vector<int>> of_structure(static_cast<std::size_t>(table.n_structures));
  const auto add = [&](int begin, std::span<const int> first_of, int energy_component) {
    for (std::size_t s = 0; s + 1 < first_of.size(); ++s) {
      for (int at = first_of[s]; at < first_of[s + 1]; at += kPartLength) {
        of_structure[s].push_back(static_cast<int>(host_first.size()));
        host_first.push_back(begin + at);
        host_component.push_back(energy_component);
      }
    }
  };
  for (int k = 0; k < kTermKinds; ++k) {
    const auto& kind = table.kinds[static_cast<std::size_t>(k)];
    add(kind.first_term, kind.first_of_structure, k);
  }
  add(table.n_terms, table.first_atom, kTermKinds);
  n_parts_without_edges = static_cast<int>(host_first.size());
  add(table.n_terms + table.n_atoms, table.first_edge, kTermKinds);
  n_parts = static_cast<int>(host_first.size());
  host_first.push_back(table.n_terms + table.n_atoms + table.n_edges());
  std::vector<int> host_first_of{0};
  std::vector<int> host_parts;
  for (const std::vector<int>& parts : of_structure) {
    host_parts.insert(host_parts.end(), parts.begin(), parts.end());
    host_first_of.push_back(static_cast<int>(host_parts.size()));
  }
  first.upload(host_first);
  component.upload(host_component);
  first_of_structure.upload(host_first_of);
  parts_of_structure.upload(host_parts);
}

template <class Real, class Accumulator>
void sum_energies_and_virials(const Context& context, const DeviceTerms<Real>& terms, const SumParts& parts,
                              Buffer<PartialSum>& partial_sums, const Batch& batch, EvaluateWant want,
                              const Uff4mofWork<Real, Accumulator>& work, DeviceEvaluation& out) {
  const int n_terms = work.n_terms;
  const int n_before_edges = n_terms + work.n_atoms;
  const int n_parts = want.stress ? parts.n_parts : parts.n_parts_without_edges;
  const Real* const term_energies = work.term_energies.data();
  const PairSum<Accumulator>* const pair_sums = work.pair_sums.data();
  const Vec3<Real>* const edges = work.edges.data();
  const Vec3<Accumulator>* const gradients = work.edge_gradients.data();
  segmented_reduce<Sum>(
      context, n_parts, parts.first.data(), PartialSum{},
      MOFK_LAMBDA(int index) {
        PartialSum sum{};
        if (index < n_terms) {
          sum.energy = term_energies[index];
        } else if (index < n_before_edges) {
          // Every pair stands in the list from both its ends.
          const PairSum<Accumulator>& pairs = pair_sums[index - n_terms];
          sum.energy = 0.5 * pairs.energy;
          for (int k = 0; k < 6; ++k) sum.virial[k] = 0.5 * pairs.virial[k];
        } else {
          // Symmetric by rotational invariance; the halves differ by rounding only.
          const int e = index - n_before_edges;
          const double d[3] = {edges[e].x, edges[e].y, edges[e].z};
          const double g[3] = {gradients[e].x, gradients[e].y, gradients[e].z};
          for (int a = 0; a < 3; ++a) {
            for (int b = a; b < 3; ++b) sum.virial[voigt(a, b)] = 0.5 * (d[a] * g[b] + d[b] * g[a]);
          }
        }
        return sum;
      },
      partial_sums.data());

  const int* const parts_of_structure = parts.parts_of_structure.data();
  const int* const component = parts.component.data();
  const PartialSum* const partial = partial_sums.data();
  const double* const tail_energy = terms.tail_energy.data();
  const double* const tail_virial = terms.tail_virial.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  double* const energies = out.energies.data();
  double* const components = out.energy_components.data();
  double* const virials = out.virials.data();
  segmented_reduce_with<Sum>(
      context, work.n_structures, parts.first_of_structure.data(), StructureSum{},
      MOFK_LAMBDA(int k) {
        StructureSum sum{};
        const int part = parts_of_structure[k];
        if (part >= n_parts) return sum;
        for (int c = 0; c < kUff4mofComponents; ++c)
          if (c == component[part]) sum.components[c] = partial[part].energy;
        for (int v = 0; v < 6; ++v) sum.virial[v] = partial[part].virial[v];
        return sum;
      },
      MOFK_LAMBDA(int s, const StructureSum& sum) {
        const double inverse = inverse_volume(cells + 9 * s, pbc + 3 * s);
        if (want.energies) {
          double total = 0.0;
          for (int c = 0; c < kUff4mofComponents; ++c) {
            const double energy = sum.components[c] + (c == kTermKinds ? tail_energy[s] * inverse : 0.0);
            components[s * kUff4mofComponents + c] = energy;
            total += energy;
          }
          energies[s] = total;
        }
        if (want.stress) {
          for (int k = 0; k < 9; ++k) {
            const double tail = k % 4 == 0 ? tail_virial[s] * inverse : 0.0;
            virials[9 * s + k] = sum.virial[voigt(k / 3, k % 3)] + tail;
          }
        }
      });
}

template <class Real, class Accumulator>
void sum_energies_per_atom(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch,
                           const Uff4mofWork<Real, Accumulator>& work, DeviceEvaluation& out) {
  const int first_angle = terms.kinds[kAngle].first_term;
  const int first_torsion = terms.kinds[kTorsion].first_term;
  const int* const first = terms.first_term_of_atom.data();
  const int* const terms_of_atom = terms.terms_of_atom.data();
  const Real* const term_energies = work.term_energies.data();
  const PairSum<Accumulator>* const pair_sums = work.pair_sums.data();
  const double* const tail_energy = terms.tail_energy_of_atom.data();
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  double* const energies = out.energies_per_atom.data();
  parallel_for(
      context, work.n_atoms, MOFK_LAMBDA(int i) {
        double sum = 0.0;
        for (int k = first[i]; k < first[i + 1]; ++k) {
          const int t = terms_of_atom[k];
          const double n_sharing = t < first_angle ? 2.0 : t < first_torsion ? 3.0 : 4.0;
          sum += term_energies[t] / n_sharing;
        }
        const int s = structure_of_atom[i];
        energies[i] = sum + 0.5 * pair_sums[i].energy + tail_energy[i] * inverse_volume(cells + 9 * s, pbc + 3 * s);
      });
}

#define MOFK_INSTANTIATE(Real, Accumulator)                                                                            \
  template void sum_forces<Real, Accumulator>(const Context&, const DeviceTerms<Real>&,                                \
                                              const Uff4mofWork<Real, Accumulator>&, DeviceEvaluation&);               \
  template void sum_energies_and_virials<Real, Accumulator>(const Context&, const DeviceTerms<Real>&, const SumParts&, \
                                                            Buffer<PartialSum>&, const Batch&, EvaluateWant,           \
                                                            const Uff4mofWork<Real, Accumulator>&, DeviceEvaluation&); \
  template void sum_energies_per_atom<Real, Accumulator>(const Context&, const DeviceTerms<Real>&, const Batch&,       \
                                                         const Uff4mofWork<Real, Accumulator>&, DeviceEvaluation&);
MOFK_INSTANTIATE(double, double)
MOFK_INSTANTIATE(float, double)
MOFK_INSTANTIATE(float, float)
#undef MOFK_INSTANTIATE

}  // namespace mofkernel::MOFK_NS
