// The inner loops of the electrostatics on a CPU, four pairs or four atoms at once, compiled for several instruction
// sets.
#pragma once

namespace mofkernel::cpu {

inline constexpr int kAtomsPerPack = 4;

/// A function of r^2 by cubics, 256 of them for every doubling of r^2. Row: energy e0 … e3, slope s0 … s3; the value at
/// u is c0 + d (c1 + d (c2 + d c3)) with d the distance of u from the beginning of its interval.
inline constexpr int kTableShift = 44;  ///< bits of a double below those that number the interval
inline constexpr int kTableRow = 8;

struct ChargePairWork {
  const double* points;                ///< [n_points + 1][4] x, y, z, charge; the last one is out of everybody's reach
  const int* first;                    ///< [n_atoms + 1] into `neighbors`, multiples of four
  const int* neighbors;                ///< points
  const double* const* table_of_atom;  ///< [n_atoms]
  long long first_interval;            ///< number of the tables' first interval
  double cutoff_squared;
  double least_squared;  ///< where the tables begin
  double* row_energies;  ///< [n_atoms] out
};

/// Waves of one structure with the same first two integers: n_c = -largest … largest stand in a row.
struct WaveColumn {
  int a, b;
  int largest;
  int first_wave;
};

/// The atoms of one structure; arrays of phases are [n][stride] for n = 0 … of each axis, real and imaginary parts
/// apart.
struct WaveWork {
  int n_packs;  ///< stride / 4
  const double* re[3];
  const double* im[3];
  const double* charges;  ///< [stride], 0 where there is no atom
  const WaveColumn* columns;
};

struct ChargeKernels {
  /// Rows [first, last); adds to `forces` [n_points + 1][4].
  void (*pairs)(const ChargePairWork& work, int first, int last, double* forces);
  /// Structure factors [2 largest + 1] of a column, real and imaginary; scratch [2 stride].
  void (*factors)(const WaveWork& work, const WaveColumn& column, double* scratch, double* re, double* im);
  /// Forces along the three reciprocal rows, without the charge: fields [3][stride], packs [first, last). Factors are
  /// those of all waves times twice their weights.
  void (*fields)(const WaveWork& work, int n_columns, const double* re, const double* im, int first, int last,
                 double* fields);
};

namespace baseline {
extern const ChargeKernels kChargeKernels;
}
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const ChargeKernels kChargeKernels;
}
#endif

/// The fastest that this processor runs.
const ChargeKernels& choose_charge_kernels();

}  // namespace mofkernel::cpu
