// Conversion factors. Source: CODATA 2022; contracts/units.ts holds the same numbers and tests/units.test.ts compares
// the two.
#pragma once

namespace mofkernel {

/// 1 eV/A^3 in GPa.
inline constexpr double kGPaPerEvA3 = 160.2176634;
/// Boltzmann constant, eV/K.
inline constexpr double kBoltzmannEvK = 8.617333262145179e-5;
/// 1 kcal/mol (thermochemical calorie) in eV.
inline constexpr double kEvPerKcalMol = 0.0433641042418009;
/// 1 amu/A^3 in g/cm^3.
inline constexpr double kGCm3PerAmuA3 = 1.66053906892;
/// Coulomb energy of two elementary charges 1 A apart, eV A: e^2 / (4 pi epsilon_0).
inline constexpr double kCoulombEvA = 14.399645468667815;

}  // namespace mofkernel
