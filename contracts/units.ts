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
/** 1 eV per particle in kJ/mol: e * N_A / 1000. */
export const KJ_MOL_PER_EV = 96.48533212331002;
/** Gas constant k_B N_A, J/(mol K). */
export const GAS_CONSTANT_J_MOL_K = 8.31446261815324;
/** Energy of a quantum of 1 THz, eV: h / e * 1e12. */
export const EV_PER_THZ = 0.004135667696923859;
/** Frequency of an oscillator of 1 eV/A^2 and 1 amu, THz: sqrt(e * 1e20 / amu) / (2 pi) * 1e-12. */
export const THZ_PER_SQRT_EV_A2_AMU = 15.633304228935259;
