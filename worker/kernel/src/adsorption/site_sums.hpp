// The inner loops of insertions on a CPU, compiled for several instruction sets: many places of one kind of site, all
// in one block of the cell, with the atoms around it.
#pragma once

namespace mofkernel::cpu {

/// Places are taken so many at a time.
inline constexpr int kPointsPerStep = 8;

struct SiteWork {
  int n_points;     ///< a multiple of kPointsPerStep
  const double* x;  ///< [n_points] A, inside the cell
  const double* y;
  const double* z;
  int n_near;  ///< atoms that can be within the near cutoff; they come first
  int n_atoms;
  const double* atoms;         ///< [n_atoms][4] x, y, z in A, charge times kCoulombEvA
  const double* coefficients;  ///< [n_atoms][3] a, b and shift of E = a / r^12 - b / r^6 - shift
  bool has_lennard_jones;
  bool has_charge;
  double cutoff_squared;
  double near_cutoff_squared;
  const double* table;  ///< as in adsorption::CoulombField
  double intervals_per_A2;
  double slope;
  const double* grid;  ///< nullptr: none
  int grid_shape[3];
  double inverse_cell[9];
  /// Where the near atoms alone give more Lennard-Jones energy than this, eV, the rest is left out.
  double give_up_eV;
  double* lennard_jones;  ///< [n_points] out, eV
  double* potential;      ///< [n_points] out, V
};

using SiteSums = void (*)(const SiteWork& work);

namespace baseline {
extern const SiteSums kSiteSums;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const SiteSums kSiteSums;
}
#endif

/// The fastest that this processor runs.
SiteSums choose_site_sums();

}  // namespace mofkernel::cpu
