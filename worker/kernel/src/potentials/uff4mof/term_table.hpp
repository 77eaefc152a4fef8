// The terms of a batch in the form the evaluation works on: every distance is an EDGE between two atoms, every term
// acts on edges, and each place where a term leaves a gradient is a SLOT. Forces are then sums over slots and edges in
// a fixed order, without atomic operations. Host only; the same table serves every backend.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::uff4mof {

enum TermKind : int { kBond, kAngle, kTorsion, kInversion, kTermKinds };

/// Edges that a term of each kind acts on, and so its slots; and its atoms.
inline constexpr std::array<int, kTermKinds> kEdgesOfTerm{1, 2, 3, 3};
inline constexpr std::array<int, kTermKinds> kAtomsOfTerm{2, 3, 4, 4};
inline constexpr std::array<int, kTermKinds> kParametersOfTerm{2, 5, 7, 4};

/// Edge code: 2 * edge, plus 1 when the term sees the edge from its other end.
struct TermTable {
  int n_structures = 0;
  int n_atoms = 0;
  std::vector<int> first_atom;  ///< [n_structures + 1]

  // Edges: vector = positions[edge_to] + edge_shift @ cell - positions[edge_from].
  std::vector<int> edge_from, edge_to;  ///< [n_edges]
  std::vector<Shift> edge_shift;        ///< [n_edges]
  std::vector<int> first_edge;          ///< [n_structures + 1]

  /// Terms of one kind; all arrays term after term.
  struct Kind {
    int n_terms = 0;
    int first_slot = 0;              ///< slots of term t: first_slot + t * edges, one per edge
    int first_term = 0;              ///< index of the first term among the terms of all kinds
    std::vector<int> edge_codes;     ///< [n_terms][edges]
    std::vector<double> parameters;  ///< [n_terms][parameters]: k, r0 | coefficients | coefficients | k, c0, c1, c2
    std::vector<int> first_of_structure;  ///< [n_structures + 1]
  };
  std::array<Kind, kTermKinds> kinds;
  int n_terms = 0;
  int n_slots = 0;

  // Who adds to what. Slot code: 2 * slot, plus 1 for the other end; edge code likewise: even where the atom is
  // edge_from.
  std::vector<int> first_slot_of_edge, slot_codes;          ///< [n_edges + 1], [n_slots]
  std::vector<int> first_edge_of_atom, edge_codes_of_atom;  ///< [n_atoms + 1], [2 n_edges]
  std::vector<int> first_term_of_atom,
      terms_of_atom;  ///< [n_atoms + 1], […] an atom stands once for each of its places

  // Lennard-Jones.
  double cutoff_A = 0;
  double switch_start_A = 0;
  Truncation truncation = Truncation::switched;
  std::vector<int> pair_type;                        ///< [n_atoms] type inside its structure
  std::vector<int> pair_row;                         ///< [n_atoms] first element of the atom's row in the pair tables
  std::vector<double> pair_a, pair_b;                ///< rows of all structures; E = a/r^12 - b/r^6
  std::vector<int> exclusion_first, exclusion_atom;  ///< [n_atoms + 1], […]
  std::vector<Shift> exclusion_shift;

  // Long-range tail: energy = tail_energy / volume, its virial on the diagonal = tail_virial / volume; eV A^3.
  std::vector<double> tail_energy, tail_virial;  ///< [n_structures]
  std::vector<double> tail_energy_of_atom;       ///< [n_atoms], sums to tail_energy

  [[nodiscard]] int n_edges() const { return static_cast<int>(edge_from.size()); }
};

/// Throws KernelError(bad_request) when the structures do not share cutoff and truncation, (internal) for terms that
/// name atoms which are not there.
TermTable build_term_table(std::span<const Terms> terms);

}  // namespace mofkernel::uff4mof
