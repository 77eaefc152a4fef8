// Options of the electrostatics between point charges, as in contracts/kernel-message.ts (electrostaticsOptionsSchema).
#pragma once

namespace mofkernel::electrostatics {

/// none: no Coulomb term. given: Structure::charges. eqeq: extended charge equilibration (Wilmer et al., J. Phys. Chem.
/// Lett. 3, 2506 (2012)) of the structure as it is at the start.
enum class Charges { none, given, eqeq };

/// ewald: Ewald sum, exact to `relative_accuracy` (three periodic axes only). dsf: damped shifted force (Fennell and
/// Gezelter, J. Chem. Phys. 124, 234104 (2006)).
enum class Method { ewald, dsf };

struct Options {
  Charges charges = Charges::none;
  Method method = Method::ewald;
  double cutoff_A = 12.5;  ///< of the sum in real space
  double relative_accuracy =
      1e-6;                    ///< Ewald: root mean square error of a force over that of two unit charges 1 A apart
  double damping_per_A = 0.2;  ///< damped shifted force

  bool operator==(const Options&) const = default;
};

}  // namespace mofkernel::electrostatics
