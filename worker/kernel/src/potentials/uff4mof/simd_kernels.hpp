// The inner loops of UFF4MOF on a CPU, four terms or four pairs at once, compiled for several instruction sets.
// Arrays of points hold four doubles per point: x, y, z, 0.
#pragma once

namespace mofkernel::cpu {

inline constexpr int kTermsPerPack = 4;

/// Terms of one kind, in packs of four.
struct TermWork {
  const double* edges;       ///< [2 n_edges][4] vector of every edge code
  const int* edge_codes;     ///< [n_packs][edges of a term][4]
  const double* parameters;  ///< [n_packs][parameters of a term][4]
  double* slots;             ///< [4 n_packs][edges of a term][4] out: gradients
  double* energies;          ///< [n_packs][4] out
};

/// Neighbors of one atom that share a pair of Lennard-Jones types; E = a/r^12 - b/r^6.
struct PairGroup {
  int first_neighbor;
  int n_packs;
  double a, b;
};

/// Every pair once: row i holds the neighbors of atom i that are to be counted from its side.
struct PairWork {
  const double* positions;  ///< [n_points][4] atoms, then their images, then one point out of everybody's reach
  const int* first_group;   ///< [n_atoms + 1]
  const PairGroup* groups;  ///< [n_groups]
  const int* neighbors;     ///< [4 n_packs] points
  double cutoff_squared;
  double switch_start;  ///< the cutoff when nothing is switched
  double inverse_switch_width;
  double* row_energies;  ///< [n_atoms] out
};

struct SimdKernels {
  /// Packs [first, last) of each kind.
  void (*bonds)(const TermWork& work, int first, int last);
  void (*angles)(const TermWork& work, int first, int last);
  void (*torsions)(const TermWork& work, int first, int last);
  void (*inversions)(const TermWork& work, int first, int last);
  /// Rows [first, last); adds to `forces` [n_points][4].
  void (*pairs)(const PairWork& work, int first, int last, double* forces);
};

namespace baseline {
extern const SimdKernels kKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const SimdKernels kKernels;
}
#endif

/// The fastest that this processor runs.
const SimdKernels& choose_simd_kernels();

}  // namespace mofkernel::cpu
