// The steps of an evaluation on a device, one or two launches each, in the order in which evaluate.dual.cpp takes them.
#pragma once

#include "potentials/uff4mof/device_terms.hpp"

namespace mofkernel::MOFK_NS {

/// Vectors of the edges, and the atoms wrapped as the neighbor list has them.
template <class Real, class Accumulator>
void place_atoms_and_edges(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch, const int* wrap,
                           Uff4mofWork<Real, Accumulator>& work);

/// Energies and slot gradients of all bonded terms.
template <class Real, class Accumulator>
void compute_bonded(const Context& context, const DeviceTerms<Real>& terms, Uff4mofWork<Real, Accumulator>& work);

/// Sums of the slots of every edge.
template <class Real, class Accumulator>
void sum_edge_gradients(const Context& context, const DeviceTerms<Real>& terms, Uff4mofWork<Real, Accumulator>& work);

/// Lennard-Jones forces on every atom, and with `with_sums` its energies and virials.
template <class Real, class Accumulator>
void compute_pairs(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch, const NeighborList& list,
                   const PairRange& range, bool with_sums, Uff4mofWork<Real, Accumulator>& work);

template <class Real, class Accumulator>
void sum_forces(const Context& context, const DeviceTerms<Real>& terms, const Uff4mofWork<Real, Accumulator>& work,
                DeviceEvaluation& out);

/// The parts that energies and virials are summed from: at most kPartLength terms of one kind, atoms or edges of one
/// structure. All terms, atoms and edges are counted through, in this order.
class SumParts {
 public:
  SumParts(const Context& context, const uff4mof::TermTable& table);

  static constexpr int kPartLength = 2048;

  int n_parts = 0;
  int n_parts_without_edges = 0;   ///< edges have no energy, and so can be left out
  Buffer<int> first;               ///< [n_parts + 1]
  Buffer<int> component;           ///< [n_parts] of the energy
  Buffer<int> first_of_structure;  ///< [n_structures + 1]
  Buffer<int> parts_of_structure;  ///< [n_parts]
};

/// Part of a structure's energy and virial (xx yy zz yz xz xy).
struct PartialSum {
  double energy;
  double virial[6];
  MOFK_HD PartialSum& operator+=(const PartialSum& other) {
    energy += other.energy;
    for (int k = 0; k < 6; ++k) virial[k] += other.virial[k];
    return *this;
  }
};

/// Energies with their components, and virials.
template <class Real, class Accumulator>
void sum_energies_and_virials(const Context& context, const DeviceTerms<Real>& terms, const SumParts& parts,
                              Buffer<PartialSum>& partial_sums, const Batch& batch, EvaluateWant want,
                              const Uff4mofWork<Real, Accumulator>& work, DeviceEvaluation& out);

template <class Real, class Accumulator>
void sum_energies_per_atom(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch,
                           const Uff4mofWork<Real, Accumulator>& work, DeviceEvaluation& out);

}  // namespace mofkernel::MOFK_NS
