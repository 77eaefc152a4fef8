// The terms of a UFF4MOF structure: what typing (assign_terms.cpp) hands to the evaluation. Host data, eV and A.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::uff4mof {

enum class Dialect { paper, lammps_interface };
enum class Fallback { none, uff };

/// Options of the potential, as in contracts/kernel-message.ts (uff4mofOptionsSchema).
struct Options {
  Dialect dialect = Dialect::paper;
  double cutoff_A = 12.5;
  Fallback fallback = Fallback::none;
  /// Unset: the dialect decides (both include the tail).
  int tail_correction = -1;

  bool operator==(const Options&) const = default;
};

/// E = 1/2 k (r - r0)^2 between i and the image `shift` of j; k eV/A^2, r0 A.
struct BondTerm {
  std::int32_t i, j;
  Shift shift;
  double k, r0;
};

/// E = sum_m coefficients[m] cos(theta)^m at centre j; arms to the images shift_i of i and shift_k of k; eV.
/// Every angle form of UFF is such a polynomial (cos n theta = T_n(cos theta)), so no branch and no acos is needed.
struct AngleTerm {
  std::int32_t i, j, k;
  Shift shift_i, shift_k;
  std::array<double, 5> coefficients;
};

/// E = sum_m coefficients[m] cos(phi)^m about j-k (j in the home cell, k at shift_k, i at shift_i, l at shift_l, all
/// relative to j); phi = 180 degrees is trans; eV.
struct TorsionTerm {
  std::int32_t i, j, k, l;
  Shift shift_i, shift_k, shift_l;
  std::array<double, 7> coefficients;
};

/// E = k (c0 + c1 cos w + c2 cos 2w), w = angle between the bond centre-l and the plane (centre, j, k); k eV.
/// cos w >= 0 unless l lies on the side of j and k (u_l . (u_j + u_k) > 0), where it is negative. One entry is ONE axis
/// l.
struct InversionTerm {
  std::int32_t center, j, k, l;
  Shift shift_j, shift_k, shift_l;
  double k_eV, c0, c1, c2;
};

/// A 1-2 or 1-3 pair that has no Lennard-Jones interaction; stored in both directions, sorted by (i, j, shift), without
/// duplicates.
struct ExcludedPair {
  std::int32_t i, j;
  Shift shift;
};

/// A perceived bond, for reports and for the viewer.
struct Bond {
  std::int32_t i, j;
  Shift shift;
  double order;
};

/// How the Lennard-Jones energy ends at the cutoff.
enum class Truncation {
  plain,    ///< lammps_interface decks: nothing is done
  switched  ///< paper dialect: multiplied by a C2 quintic switch between switch_start_A and cutoff_A, so that
            ///< relaxations see a smooth surface
};

/// Everything the evaluation needs. Pair table: [n_lj_types][n_lj_types], E = epsilon ((x/r)^12 - 2 (x/r)^6), x =
/// distance of the minimum.
struct Terms {
  std::int32_t n_atoms = 0;
  std::vector<std::string> atom_types;  ///< [n_atoms] e.g. "Zn3f2"
  std::vector<Bond> perceived_bonds;
  std::vector<BondTerm> bonds;
  std::vector<AngleTerm> angles;
  std::vector<TorsionTerm> torsions;
  std::vector<InversionTerm> inversions;
  std::vector<ExcludedPair> exclusions;
  std::vector<std::int32_t> lj_type;  ///< [n_atoms]
  std::int32_t n_lj_types = 0;
  std::vector<double> lj_epsilon_eV;  ///< pair table
  std::vector<double> lj_x_A;         ///< pair table
  double cutoff_A = 12.5;
  double switch_start_A = 12.5;
  Truncation truncation = Truncation::switched;
  bool tail_correction = true;
  std::vector<std::string> warnings;
};

/// Perceive bonds, assign UFF4MOF types and bond orders, and list every term.
/// Throws KernelError(atom_typing) naming the atom, its neighbors and the nearest known type;
/// KernelError(bad_structure) when two atoms overlap (the pair and the distance are named).
Terms assign_terms(const Structure& structure, const Options& options);

}  // namespace mofkernel::uff4mof
