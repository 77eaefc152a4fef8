// The bonded terms of UFF4MOF on a CPU in double precision, four of a kind at once.
#pragma once

#include <array>
#include <vector>

#include "potentials/potential.hpp"
#include "potentials/uff4mof/aligned_vector.hpp"
#include "potentials/uff4mof/simd_kernels.hpp"
#include "potentials/uff4mof/term_table.hpp"

namespace mofkernel::cpu {

/// Used by all threads of an evaluation together: place(), compute(), sum_edges(), then the sums, with a barrier after
/// each.
class BondedTerms {
 public:
  /// `table` outlives this.
  explicit BondedTerms(const uff4mof::TermTable& table);

  /// Room for so many threads, before they start.
  void prepare(int n_threads);
  /// Vectors of the edges.
  void place(const Batch& batch, int thread, int n_threads);
  void compute(int thread, int n_threads);
  /// dE/d(edge) of every edge.
  void sum_edges(int thread, int n_threads);
  /// On one atom, eV/A.
  [[nodiscard]] std::array<double, 3> force(int atom) const;
  /// Of one kind of terms, eV.
  [[nodiscard]] double energy(std::size_t kind, int structure) const;
  /// Adds dE/d(strain) of the edges [first, last) to `virial` [9], eV.
  void add_virial(int first, int last, double* virial) const;

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

  static PackedTerms pack_terms(const uff4mof::TermTable::Kind& kind, int n_edges, int n_parameters, int n_structures);

  const uff4mof::TermTable& table_;
  const SimdKernels& kernels_;
  std::array<PackedTerms, uff4mof::kTermKinds> packed_;
  AlignedVector<double> edges_;                          // [2 n_edges][4] by edge code
  std::vector<AlignedVector<double>> thread_gradients_;  // [n_threads][2 n_edges][4] by edge code
  std::vector<double> edge_gradients_;                   // [n_edges][3]
};

}  // namespace mofkernel::cpu
