// The Lennard-Jones pairs of UFF4MOF on a CPU, over clusters of atoms. Real is the arithmetic of a pair: double, or
// float with exact differences of coordinates (see CoordinateOf); all beyond a row of pairs is double.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "potentials/uff4mof/aligned_vector.hpp"
#include "potentials/uff4mof/cluster_list.hpp"

namespace mofkernel::cpu {

/// The pairs are shared out in parts, which threads can take on. A part has coordinates and forces of its own of the
/// clusters that it uses: what another processor has written is slower to read than to calculate again.
template <class Real>
class ClusterPairs {
 public:
  /// `table` outlives this.
  ClusterPairs(const Context& context, const uff4mof::TermTable& table, double skin_A);

  /// Makes the list valid; see ClusterList.
  void update(const Batch& batch);
  void restore(const Batch& batch, const ListReference& reference);
  [[nodiscard]] const ListReference& reference() const { return list_.reference(); }

  /// Pairs that are looked at.
  [[nodiscard]] std::int64_t n_pairs() const { return static_cast<std::int64_t>(rows().entries.size()) * kLanes; }
  /// Before the evaluation. True when the parts are new ones.
  bool share_out(int n_parts);
  /// First of all for a part.
  void place_and_compute(const Batch& batch, int part, bool wants_energies);
  /// Those that a part has forces on, or on an image of them; ascending.
  [[nodiscard]] std::span<const int> clusters(int part) const {
    return parts_[static_cast<std::size_t>(part)].clusters;
  }
  /// Adds the forces of a part to `forces` [n_clusters][3][kLanes], eV/A.
  void add_forces(int part, double* forces) const;
  /// Adds those of a part to dE/d(strain) `virials` [n_structures][9], eV.
  void add_virials(const Batch& batch, int part, double* virials) const;
  /// Without tail, eV; when energies were wanted, after all parts.
  [[nodiscard]] double energy(int structure) const;

  [[nodiscard]] const ClusterRows& rows() const { return list_.rows(); }

  static constexpr int kLanes = kPairsPerPack<Real>;

 private:
  using Coordinate = typename CoordinateOf<Real>::Type;
  using TypesOfCluster = std::array<int, kLanes>;  // -1 where there is no atom
  using Place = std::array<double, 3 * kLanes>;    // of a cluster or an image, [3][kLanes] A

  /// Rows [first_row, last_row).
  struct Part {
    int first_row = 0, last_row = 0;
    std::vector<int> clusters;              // used, or an image of them; ascending
    std::vector<std::uint8_t> is_used;      // [n_clusters and images]
    AlignedVector<Coordinate> coordinates;  // [n_clusters and images][3][kLanes] length units, of those used
    AlignedVector<Real> forces;             // [n_clusters and images][3][kLanes], of those used
  };

  void use_rows(const Batch& batch);
  void fill_parameters(const Batch& batch);
  [[nodiscard]] std::vector<TypesOfCluster> find_makeups(int structure);
  void add_parameters(int row, const TypesOfCluster& makeup);
  void choose_length_unit(const Batch& batch);
  void find_rows(int part);
  [[nodiscard]] int row_at(int part, int n_parts) const;
  void place(const Batch& batch, Part& part) const;
  [[nodiscard]] Coordinate in_units(double x, double origin) const;
  /// Calls visit(cluster or image) for a cluster and its images.
  template <class Visit>
  void for_each_image(int cluster, Visit visit) const;
  /// Calls visit(structure, cluster or image, Place) for those of these clusters and their images that are wanted.
  template <class Clusters, class IsWanted, class Visit>
  void for_each_place(const Batch& batch, const Clusters& clusters, IsWanted is_wanted, Visit visit) const;

  const Context& context_;
  const uff4mof::TermTable& table_;
  const SimdKernels& kernels_;
  ClusterList list_;
  std::vector<PairRow> rows_;  // [n_clusters][kLanes] with their parameters
  // Clusters of the same types share their parameters, which stay in the nearest cache however large the structure is.
  AlignedVector<Real> parameters_;  // [structures][types][makeups of clusters][2][kLanes]
  std::vector<int> parameters_of_;  // [n_clusters and images]; see PairWork
  double length_unit_ = 1.0;
  std::vector<std::array<double, 3>> origins_;  // [n_structures] A, in the middle of the atoms
  std::vector<Part> parts_;
  bool is_shared_out_ = false;        // the list that is there, in these parts
  std::vector<double> row_energies_;  // [n_clusters][kLanes]
};

extern template class ClusterPairs<double>;
extern template class ClusterPairs<float>;

}  // namespace mofkernel::cpu
