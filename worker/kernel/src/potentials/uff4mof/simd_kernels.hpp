// The inner loops of UFF4MOF on a CPU, compiled for several instruction sets: four terms, four pairs in double or eight
// pairs in single precision at once. Arrays of vectors for terms hold four doubles per vector: x, y, z, 0.
#pragma once

#include <cstdint>

namespace mofkernel::cpu {

inline constexpr int kTermsPerPack = 4;

/// Atoms of a cluster.
template <class Real>
inline constexpr int kPairsPerPack = static_cast<int>(32 / sizeof(Real));
inline constexpr int kMostPairsPerPack = kPairsPerPack<float>;

/// Terms of one kind, in packs of four.
struct TermWork {
  const double* edges;       ///< [2 n_edges][4] vector of every edge code
  const int* edge_codes;     ///< [n_packs][edges of a term][4]
  const double* parameters;  ///< [n_packs][parameters of a term][4]
  double* gradients;         ///< [2 n_edges][4] by edge code; every term adds to those of its edges
  double* energies;          ///< [n_packs][4] out
};

/// The clusters that are counted from the side of one atom, as entries [first, end). Those before `end_masked` hold
/// pairs that do not count; those from there to `end_inner` lie inside the cutoff, and before the switch, as a whole.
struct PairRow {
  int first, end_masked, end_inner, end;
  int first_mask;
  int parameters;  ///< where the parameters for the atom's type begin
};

/// How the pair loops name a place: in A, or in whole units of a length that makes differences exact. In single
/// precision a coordinate of 100 A would have an error of 4e-6 A.
template <class Real>
struct CoordinateOf;
template <>
struct CoordinateOf<double> {
  using Type = double;
};
template <>
struct CoordinateOf<float> {
  using Type = std::int32_t;
};

/// Every pair once. E = a/r^12 - b/r^6, switched off from `switch_start` on.
template <class Real>
struct PairWork {
  const typename CoordinateOf<Real>::Type* coordinates;  ///< [n_clusters and images][3][atoms of a cluster] units
  const PairRow* rows;                                   ///< [n_clusters][atoms of a cluster]
  const int* entries;                                    ///< the clusters and images that an atom interacts with
  const std::uint8_t* masks;  ///< of the masked entries: bit l is set when the pair with atom l counts
  const Real* parameters;     ///< [structures, types and makeups of clusters][2][atoms of a cluster] a, b
  const int* parameters_of;   ///< [n_clusters and images] where theirs begin, from those of a structure's first on
  double length_unit;         ///< A; 1 in double precision
  double cutoff_squared;
  double switch_start;          ///< A
  double inverse_switch_width;  ///< 0 when nothing is switched
  double* row_energies;         ///< [n_clusters][atoms of a cluster] out, when wanted
};

/// Distances from the atoms of one cluster to those of another.
struct ReachWork {
  const double* home;   ///< [3][n_lanes] A
  const double* other;  ///< [3][n_lanes] A
  const double* shift;  ///< [3] of the other, A
  int n_lanes;
  double reach_squared;
  double inner_squared;
};

/// For each atom of the home cluster, bit l tells of atom l of the other.
struct Reach {
  std::uint8_t is_in_reach[kMostPairsPerPack];
  std::uint8_t is_beyond_inner[kMostPairsPerPack];
};

/// A box and others: which are nearer than the reach?
struct BoxWork {
  const double* low;       ///< [3] A
  const double* high;      ///< [3] A
  const double* lows[3];   ///< [n] of the others, filled up to a multiple of four with boxes far away
  const double* highs[3];  ///< [n]
  int n;
  double reach_squared;
};

struct SimdKernels {
  /// Packs [first, last) of each kind.
  void (*bonds)(const TermWork& work, int first, int last);
  void (*angles)(const TermWork& work, int first, int last);
  void (*torsions)(const TermWork& work, int first, int last);
  void (*inversions)(const TermWork& work, int first, int last);
  /// Rows [first, last); adds to `forces` [n_clusters and images][3][atoms of a cluster], eV/A per length unit / A.
  void (*pairs_double)(const PairWork<double>& work, int first, int last, bool wants_energies, double* forces);
  void (*pairs_float)(const PairWork<float>& work, int first, int last, bool wants_energies, float* forces);
  Reach (*reach)(const ReachWork& work);
  /// How many others are near: their indices, ascending, and the squared distances, A^2. `near` and
  /// `squared_distances` have room for n, filled up to a multiple of four, and one.
  int (*near_boxes)(const BoxWork& work, int* near, double* squared_distances);
};

namespace baseline {
extern const SimdKernels kKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const SimdKernels kKernels;
}
namespace avx512 {
extern const SimdKernels kKernels;
}
#endif

/// The fastest that this processor runs.
const SimdKernels& choose_simd_kernels();

}  // namespace mofkernel::cpu
