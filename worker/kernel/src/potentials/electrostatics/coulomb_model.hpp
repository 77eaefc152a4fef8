// Charges and splitting parameters of the structures of a batch, chosen once on the host; the same for every backend.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/electrostatics/options.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::electrostatics {

/// Interaction of two unit charges, eV A (times the charges, in units where Coulomb's constant is 1):
///   B(r) = erfc(alpha r) / r - shift - slope_shift (r - cutoff); Ewald: both shifts are zero.
struct Splitting {
  double alpha = 0;  ///< 1/A
  double shift = 0;
  double slope_shift = 0;
};

struct CoulombModel {
  int n_structures = 0;
  int n_atoms = 0;
  double cutoff_A = 0;
  bool has_reciprocal = false;
  std::vector<int> first_atom;          ///< [n_structures + 1]
  std::vector<double> charges;          ///< [n_atoms] charge times the root of Coulomb's constant, (eV A)^(1/2)
  std::vector<Splitting> splitting;     ///< [n_structures]
  std::vector<double> k_cutoff;         ///< [n_structures] 1/A; Ewald only
  std::vector<double> self_energy;      ///< [n_structures] eV
  std::vector<double> self_of_atom;     ///< [n_atoms] eV
  std::vector<double> background;       ///< [n_structures] energy of the neutralizing background times the volume
  std::vector<double> background_atom;  ///< [n_atoms] each atom's part of it
  std::vector<int> exclusion_first;     ///< [n_atoms + 1]
  std::vector<int> exclusion_atom;      ///< index in the batch
  std::vector<Shift> exclusion_shift;
};

/// Throws KernelError(bad_request) when the charges do not fit the structures or are not finite, (unsupported) for an
/// Ewald sum without three periodic axes.
/// Splitting and cutoff in k-space follow the error estimates of Kolafa and Perram, Mol. Simul. 9, 351 (1992), both
/// rounded up to coarse steps, so that slightly strained copies of a structure are summed with the same parameters.
CoulombModel build_coulomb_model(std::span<const Structure> structures, std::span<const uff4mof::Terms> terms,
                                 std::span<const double> charges, const Options& options);

/// k-vectors are weighted by a polynomial that falls from 1 at the cutoff to 0 at this multiple of it: the energy then
/// is a smooth function of the cell.
inline constexpr double kSwitchEnd = 1.03;

/// The listed k-vectors are all that can count while no length in k-space has changed by more than this fraction.
inline constexpr double kListSlack = 0.03;

/// "the charges add up to …", or empty for charges that add up to zero within 1e-3 e.
std::string net_charge_warning(std::span<const double> charges);

}  // namespace mofkernel::electrostatics
