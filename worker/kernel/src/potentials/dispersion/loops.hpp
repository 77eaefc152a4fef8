// The inner loops of the dispersion on a CPU: a crowd of atoms, one in each lane, meets one point after another.
// Compiled for several instruction sets.
#pragma once

#include <vector>

#include "potentials/dispersion/reference_table.hpp"

namespace mofkernel::cpu {

/// Atoms in a block: numbers that fill 32 bytes.
template <class T>
inline constexpr int kCrowd = static_cast<int>(32 / sizeof(T));

/// An atom or an image of one.
template <class T>
struct Point {
  T x, y, z;  ///< A
  int owner;  ///< in the batch
};

/// Points, or bins, [first, last).
struct Run {
  int first, last;
};

/// Of one block; those of the structure's type t are [first_of_type[t], first_of_type[t + 1]).
struct Runs {
  std::vector<Run> runs;
  std::vector<int> first_of_type;
  std::vector<Run> windows;  ///< scratch
};

/// What the neighbors of an atom need to know of it.
template <class T>
struct AtomState {
  T weight[dispersion::kLargestReferenceCount];
  T slope;  ///< dE/d(coordination number), eV
  T unused[2];
};

template <class T>
struct Crowd {
  const Point<T>* points;
  const AtomState<T>* atoms;  ///< [n_atoms] of the batch
  const Run* runs;
  const int* first_of_type;
  int n_types;
  T cutoff_squared;
  T x[kCrowd<T>], y[kCrowd<T>], z[kCrowd<T>];
  T slope[kCrowd<T>];  ///< dE/d(coordination number) of its atoms
};

/// What the atoms of a crowd and a type have between them.
template <class T>
struct CrowdType {
  int n_references;  ///< of the type
  T bond[kCrowd<T>];
  T ratio[kCrowd<T>];
  T r0_6[kCrowd<T>];
  T r0_8[kCrowd<T>];
  T c6[dispersion::kLargestReferenceCount][kCrowd<T>];        ///< of the atom with each reference of the type
  T c6_slope[dispersion::kLargestReferenceCount][kCrowd<T>];  ///< by the atom's coordination number
};

template <class T>
struct CrowdSums {
  double energy[kCrowd<T>];
  double slope[kCrowd<T>];  ///< dE/d(coordination number)
  double force[3][kCrowd<T>];
  double virial[6][kCrowd<T>];  ///< xx yy zz yz xz xy, of whole pairs
};

template <class T>
struct DispersionLoops {
  /// Coordination numbers [kCrowd]; not a number where two atoms are at the same place.
  void (*count)(const Crowd<T>& crowd, const CrowdType<T>* types, double* coordination);
  /// Energies, their derivatives by coordination numbers, and forces at fixed ones.
  void (*attract)(const Crowd<T>& crowd, const CrowdType<T>* types, T s6, CrowdSums<T>& sums);
  /// Forces by way of the coordination numbers; energy and slope stay zero.
  void (*chain)(const Crowd<T>& crowd, const CrowdType<T>* types, CrowdSums<T>& sums);
};

namespace baseline {
extern const DispersionLoops<double> kDispersionLoops;
extern const DispersionLoops<float> kDispersionLoopsOfFloats;
}  // namespace baseline
#ifdef MOFK_WITH_AVX2
namespace avx2 {
extern const DispersionLoops<double> kDispersionLoops;
extern const DispersionLoops<float> kDispersionLoopsOfFloats;
}  // namespace avx2
namespace avx512 {
extern const DispersionLoops<double> kDispersionLoops;
extern const DispersionLoops<float> kDispersionLoopsOfFloats;
}  // namespace avx512
#endif

/// The fastest that this processor runs.
template <class T>
const DispersionLoops<T>& choose_dispersion_loops();

}  // namespace mofkernel::cpu
