// The Lennard-Jones pairs of UFF4MOF on a CPU, over clusters of atoms. Real is the arithmetic of a pair: double, or
// float with exact differences of coordinates (see CoordinateOf); all beyond a row of pairs is double.
#pragma once

#include <array>
#include <vector>

#include "potentials/uff4mof/aligned_vector.hpp"
#include "potentials/uff4mof/cluster_list.hpp"

namespace mofkernel::cpu {

/// Used by all threads of an evaluation together: place(), then compute(), then the sums, with a barrier after each.
template <class Real>
class ClusterPairs {
 public:
  /// `table` outlives this.
  ClusterPairs(const Context& context, const uff4mof::TermTable& table, double skin_A);

  /// Makes the list valid; see ClusterList.
  void update(const Batch& batch);
  void restore(const Batch& batch, const ListReference& reference);
  [[nodiscard]] const ListReference& reference() const { return list_.reference(); }

  /// Pairs that compute() looks at.
  [[nodiscard]] std::int64_t n_pairs() const { return static_cast<std::int64_t>(rows().entries.size()) * kLanes; }
  /// Room for so many threads, before they start.
  void prepare(int n_threads);
  /// How many there are, before compute().
  void use_threads(int n_threads) { n_threads_ = n_threads; }

  void place(const Batch& batch, int thread, int n_threads);
  void compute(int thread, int n_threads, bool wants_energies);
  /// Forces on the atoms of a cluster [3][kLanes], eV/A.
  [[nodiscard]] std::array<double, 3 * kMostPairsPerPack> force(int cluster) const;
  /// Adds the part of a cluster and its images in dE/d(strain) of its structure to `virial` [9], eV.
  void add_virial(int structure, int cluster, double* virial) const;
  /// Without tail, eV; after compute() with energies.
  [[nodiscard]] double energy(int structure) const;

  [[nodiscard]] const ClusterRows& rows() const { return list_.rows(); }

  static constexpr int kLanes = kPairsPerPack<Real>;

 private:
  using Coordinate = typename CoordinateOf<Real>::Type;

  void use_rows(const Batch& batch);
  using TypesOfCluster = std::array<int, kLanes>;  // -1 where there is no atom

  void fill_parameters(const Batch& batch);
  [[nodiscard]] std::vector<TypesOfCluster> find_makeups(int structure);
  void add_parameters(int row, const TypesOfCluster& makeup);
  void choose_length_unit(const Batch& batch);
  [[nodiscard]] int row_at(int part, int n_parts) const;
  /// Calls visit(cluster or image) for a cluster and its images.
  template <class Visit>
  void for_each_image(int cluster, Visit visit) const;

  const Context& context_;
  const uff4mof::TermTable& table_;
  const SimdKernels& kernels_;
  ClusterList list_;
  std::vector<PairRow> rows_;  // [n_clusters][kLanes] with their parameters
  // Clusters of the same types share their parameters, which stay in the nearest cache however large the structure is.
  AlignedVector<Real> parameters_;         // [structures][types][makeups of clusters][2][kLanes]
  std::vector<int> parameters_of_;         // [n_clusters and images]; see PairWork
  AlignedVector<double> positions_;        // [n_clusters and images][3][kLanes] A
  AlignedVector<Coordinate> coordinates_;  // the same in length units; empty in double precision
  double length_unit_ = 1.0;
  std::vector<std::array<double, 3>> origins_;      // [n_structures] of the length units, A
  std::vector<AlignedVector<Real>> thread_forces_;  // [n_threads][n_clusters and images][3][kLanes]
  int n_threads_ = 1;                               // of the evaluation in progress
  std::vector<double> row_energies_;                // [n_clusters][kLanes]
};

extern template class ClusterPairs<double>;
extern template class ClusterPairs<float>;

}  // namespace mofkernel::cpu
