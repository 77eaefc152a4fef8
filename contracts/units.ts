// Conversion factors. Source: CODATA 2022 (exact SI values of e, k_B, N_A; amu 1.66053906892e-27 kg).
// worker/kernel/src/units.hpp holds the same numbers and a test compares the two.

/** 1 eV/A^3 in GPa: e * 1e30 / 1e9. */
export const GPA_PER_EV_A3 = 160.2176634;
/** Boltzmann constant, eV/K. */
export const BOLTZMANN_EV_K = 8.617333262145179e-5;
/** 1 kcal/mol (thermochemical calorie) in eV. */
export const EV_PER_KCAL_MOL = 0.0433641042418009;
/** 1 amu/A^3 in g/cm^3. */
export const G_CM3_PER_AMU_A3 = 1.66053906892;
/** Coulomb energy of two elementary charges 1 A apart, eV A: e^2 / (4 pi epsilon_0). */
export const COULOMB_EV_A = 14.399645468667815;
