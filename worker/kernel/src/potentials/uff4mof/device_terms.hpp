// A term table on the device, and what an evaluation keeps there between its steps.
#pragma once

#include <array>
#include <vector>

#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/potential.hpp"
#include "potentials/uff4mof/formulas.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::MOFK_NS {

inline constexpr int kUff4mofComponents = 5;  // bond, angle, torsion, inversion, van_der_waals

/// Sum over the neighbors of one atom, or over some of them. Every pair stands in the list from both its ends, so half
/// of each energy and virial is the atom's.
template <class Accumulator>
struct PairSum {
  Accumulator energy;
  Accumulator force[3];
  Accumulator virial[6];  // xx yy zz yz xz xy

  template <class Other>
  MOFK_HD void add(const PairSum<Other>& other) {
    energy += other.energy;
    for (int a = 0; a < 3; ++a) force[a] += other.force[a];
    for (int a = 0; a < 6; ++a) virial[a] += other.virial[a];
  }
};

template <class Real>
struct alignas(4 * sizeof(Real)) WrappedAtom {
  Real x, y, z;
  int type;
};

/// A term table on the device.
template <class Real>
struct DeviceTerms {
  struct Kind {
    int n_terms, first_slot, first_term;
    Buffer<int> edge_codes;
    Buffer<Real> parameters;
    Kind(const Context& context, const uff4mof::TermTable::Kind& host)
        : n_terms(host.n_terms),
          first_slot(host.first_slot),
          first_term(host.first_term),
          edge_codes(context, std::span<const int>(host.edge_codes)),
          parameters(context,
                     std::span<const Real>(std::vector<Real>(host.parameters.begin(), host.parameters.end()))) {}
  };

  DeviceTerms(const Context& context, const uff4mof::TermTable& host)
      : edge_from(context, std::span<const int>(host.edge_from)),
        edge_to(context, std::span<const int>(host.edge_to)),
        edge_shift(context, std::span<const Shift>(host.edge_shift)),
        kinds{Kind(context, host.kinds[uff4mof::kBond]), Kind(context, host.kinds[uff4mof::kAngle]),
              Kind(context, host.kinds[uff4mof::kTorsion]), Kind(context, host.kinds[uff4mof::kInversion])},
        first_slot_of_edge(context, std::span<const int>(host.first_slot_of_edge)),
        slot_codes(context, std::span<const int>(host.slot_codes)),
        first_edge_of_atom(context, std::span<const int>(host.first_edge_of_atom)),
        edge_codes_of_atom(context, std::span<const int>(host.edge_codes_of_atom)),
        first_term_of_atom(context, std::span<const int>(host.first_term_of_atom)),
        terms_of_atom(context, std::span<const int>(host.terms_of_atom)),
        pair_type(context, std::span<const int>(host.pair_type)),
        pair_row(context, std::span<const int>(host.pair_row)),
        pair_a(context, std::span<const Real>(std::vector<Real>(host.pair_a.begin(), host.pair_a.end()))),
        pair_b(context, std::span<const Real>(std::vector<Real>(host.pair_b.begin(), host.pair_b.end()))),
        exclusions{Buffer<int>(context, std::span<const int>(host.exclusion_first)),
                   Buffer<int>(context, std::span<const int>(host.exclusion_atom)),
                   Buffer<Shift>(context, std::span<const Shift>(host.exclusion_shift))},
        tail_energy(context, std::span<const double>(host.tail_energy)),
        tail_virial(context, std::span<const double>(host.tail_virial)),
        tail_energy_of_atom(context, std::span<const double>(host.tail_energy_of_atom)) {}

  Buffer<int> edge_from, edge_to;
  Buffer<Shift> edge_shift;
  std::array<Kind, uff4mof::kTermKinds> kinds;
  Buffer<int> first_slot_of_edge, slot_codes, first_edge_of_atom, edge_codes_of_atom, first_term_of_atom, terms_of_atom;
  Buffer<int> pair_type, pair_row;
  Buffer<Real> pair_a, pair_b;
  Exclusions exclusions;
  Buffer<double> tail_energy, tail_virial, tail_energy_of_atom;
};

/// How pairs end.
struct PairRange {
  double cutoff, switch_start;
  bool is_switched;
};

/// What the steps of one evaluation hand to each other. Real: arithmetic of pairs and terms. Accumulator: sums over
/// them up to forces.
template <class Real, class Accumulator>
struct Uff4mofWork {
  Uff4mofWork(const Context& context, const uff4mof::TermTable& table)
      : n_structures(table.n_structures),
        n_atoms(table.n_atoms),
        n_edges(table.n_edges()),
        n_terms(table.n_terms),
        edges(context, static_cast<std::size_t>(table.n_edges())),
        edge_gradients(context, static_cast<std::size_t>(table.n_edges())),
        slot_gradients(context, static_cast<std::size_t>(table.n_slots)),
        term_energies(context, static_cast<std::size_t>(table.n_terms)),
        wrapped(context, static_cast<std::size_t>(table.n_atoms)),
        pair_sums(context, static_cast<std::size_t>(table.n_atoms)) {}

  int n_structures, n_atoms, n_edges, n_terms;
  Buffer<Vec3<Real>> edges;                  ///< [n_edges]
  Buffer<Vec3<Accumulator>> edge_gradients;  ///< [n_edges]
  Buffer<Vec3<Real>> slot_gradients;         ///< [n_slots]
  Buffer<Real> term_energies;                ///< [n_terms] of all kinds
  Buffer<WrappedAtom<Real>> wrapped;         ///< [n_atoms]
  Buffer<PairSum<Accumulator>> pair_sums;    ///< [n_atoms]
};

/// Zero without a volume: the tail of a density that is not there is nothing.
MOFK_HD inline double inverse_volume(const double* cell, const int* pbc) {
  return pbc[0] + pbc[1] + pbc[2] == 3 ? 1.0 / fabs(determinant(cell)) : 0.0;
}

}  // namespace mofkernel::MOFK_NS
