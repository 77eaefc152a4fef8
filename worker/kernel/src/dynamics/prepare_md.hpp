// What a run of molecular dynamics starts from, on the host: masses, degrees of freedom, velocities.
#pragma once

#include <span>
#include <vector>

#include "dynamics/md.hpp"

namespace mofkernel {

/// (A/fs)^2 per eV/amu: m v^2 in amu (A/fs)^2 divided by it is in eV. It is 1 GPa / (g/cm^3) = 1e-4 (A/fs)^2.
extern const double kA2Fs2PerEvAmu;

struct MdStart {
  std::vector<double> inertias;           ///< [N] eV fs^2/A^2: force / inertia is the acceleration in A/fs^2
  std::vector<double> inverse_inertias;   ///< [N] 0 for a fixed atom
  std::vector<double> velocities;         ///< [N][3] A/fs
  std::vector<double> thermal_energies;   ///< [n] k T, eV
  std::vector<double> pressures;          ///< [n] eV/A^3
  std::vector<int> n_degrees_of_freedom;  ///< [n] that the temperature is counted by; see docs/dynamics.md
};

/// Maxwell-Boltzmann velocities when the options bring none: drawn by (seed, structure, atom), total momentum and, for
/// a structure without periodic axes, total rotation taken out (with fixed atoms neither is), then scaled so that the
/// kinetic temperature is exactly the one asked for. Given velocities are taken as they are, but for fixed atoms.
/// Throws KernelError(bad_request) for arrays of a wrong length or numbers out of range, (unsupported) for a barostat
/// without three periodic axes.
MdStart prepare_md(std::span<const Structure> structures, const MdOptions& options);

}  // namespace mofkernel
