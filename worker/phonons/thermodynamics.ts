// Thermodynamics of independent harmonic oscillators. Pure.
import { BOLTZMANN_EV_K, EV_PER_THZ } from '../../contracts/units.ts';
import type { Mode } from './modes.ts';

/** Per primitive cell. */
export interface HarmonicThermodynamics {
  /** In k_B. */
  heat_capacity: number;
  /** In k_B. */
  entropy: number;
  /** With the zero-point energy. */
  free_energy_eV: number;
  internal_energy_eV: number;
}

/** Half a quantum of every mode, eV per primitive cell. */
export function zeroPointEnergy(modes: readonly Mode[]): number {
  return modes.reduce((sum, { frequency_THz, weight }) => sum + (weight * frequency_THz * EV_PER_THZ) / 2, 0);
}

/** A mode of frequency zero has k_B of heat capacity above 0 K and, its entropy being infinite, adds to nothing else. */
export function thermodynamicsAt(modes: readonly Mode[], temperature_k: number): HarmonicThermodynamics {
  const sums = { heat_capacity: 0, entropy: 0, free_energy_eV: 0, internal_energy_eV: 0 };
  const thermal = BOLTZMANN_EV_K * temperature_k;
  for (const { frequency_THz, weight } of modes) {
    const quantum = frequency_THz * EV_PER_THZ;
    sums.free_energy_eV += (weight * quantum) / 2;
    sums.internal_energy_eV += (weight * quantum) / 2;
    if (temperature_k === 0) continue;
    const x = quantum / thermal;
    if (x === 0) {
      sums.heat_capacity += weight;
      continue;
    }
    // 1 - exp(-x), exact for small x.
    const unoccupied = -Math.expm1(-x);
    const boltzmann = Math.exp(-x);
    const occupation = boltzmann / unoccupied;
    sums.heat_capacity += (weight * x * x * boltzmann) / unoccupied ** 2;
    sums.entropy += weight * (x * occupation - Math.log(unoccupied));
    sums.free_energy_eV += weight * thermal * Math.log(unoccupied);
    sums.internal_energy_eV += weight * quantum * occupation;
  }
  return sums;
}
