// The bonded terms of UFF4MOF on a CPU in double precision, four of a kind at once.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "potentials/potential.hpp"
#include "potentials/uff4mof/aligned_vector.hpp"
#include "potentials/uff4mof/cluster_list.hpp"
#include "potentials/uff4mof/simd_kernels.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::cpu {

/// Shared out in parts, which threads can take on. A part has vectors and gradients of its own of the edges that it
/// uses: what another processor has written is slower to read than to calculate again.
class BondedTerms {
 public:
  /// `table` outlives this.
  explicit BondedTerms(const uff4mof::TermTable& table);

  /// Before the evaluation.
  void share_out(int n_parts);
  /// First of all for a part.
  void place_and_compute(const Batch& batch, int part);
  /// Calls visit(atom) for those that a part has forces on, some more than once.
  template <class Visit>
  void for_each_atom(int part, Visit visit) const {
    for (const int e : parts_[static_cast<std::size_t>(part)].edges) {
      visit(table_.edge_from[static_cast<std::size_t>(e)]);
      visit(table_.edge_to[static_cast<std::size_t>(e)]);
    }
  }
  /// Adds the forces of a part, eV/A, in the layout of `rows`: [n_clusters][3][n_lanes].
  void add_forces(int part, const ClusterRows& rows, double* forces) const;
  /// Adds those of a part to dE/d(strain) `virials` [n_structures][9], eV.
  void add_virials(const Batch& batch, int part, double* virials) const;
  /// Of one kind of terms, eV; after all parts.
  [[nodiscard]] double energy(std::size_t kind, int structure) const;

 private:
  /// Terms of one kind in packs that never mix structures; a structure's last packs are filled up with terms without
  /// energy. The lanes of a pack come from different parts of the structure, so that they seldom add to the same edge.
  struct PackedTerms {
    int n_packs = 0;
    std::vector<int> first_pack;       ///< [n_structures + 1]
    std::vector<int> edge_codes;       ///< [n_packs][edges][4]
    AlignedVector<double> parameters;  ///< [n_packs][parameters][4]
    AlignedVector<double> energies;    ///< [n_packs][4]
  };

  /// Of the terms of each kind a share.
  struct Part {
    std::array<std::pair<int, int>, uff4mof::kTermKinds> packs;  // [first, last)
    std::vector<int> edges;                                      // that these terms act on, ascending
    AlignedVector<double> vectors;                               // [2 n_edges][4] by edge code, of those used
    AlignedVector<double> gradients;                             // [2 n_edges][4] by edge code, of those used
  };

  [[nodiscard]] Part make_part(int part, int n_parts) const;
  void place(const Batch& batch, Part& part) const;
  static PackedTerms pack_terms(const uff4mof::TermTable::Kind& kind, int n_edges, int n_parameters, int n_structures);

  const uff4mof::TermTable& table_;
  const SimdKernels& kernels_;
  std::array<PackedTerms, uff4mof::kTermKinds> packed_;
  std::vector<Part> parts_;
};

}  // namespace mofkernel::cpu
