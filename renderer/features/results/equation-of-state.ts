// The fitted curves E(V), for drawing. Birch, Phys. Rev. 71, 809 (1947); Murnaghan, PNAS 30, 244 (1944); Vinet et al.,
// J. Geophys. Res. 92, 9319 (1987). Pure.
import type { EquationOfStateFit } from '../../../contracts/results/bulk-modulus.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';

const N_POINTS = 121;
/** Beyond the outermost points, as a share of their distance. */
const MARGIN = 0.03;

/** @returns energies, eV, over evenly spaced volumes, A^3, around those given */
export function energyCurve(fit: EquationOfStateFit, volumes: readonly number[]): { x: number[]; y: number[] } {
  const low = Math.min(...volumes);
  const high = Math.max(...volumes);
  const margin = MARGIN * (high - low);
  const step = (high - low + 2 * margin) / (N_POINTS - 1);
  const x = Array.from({ length: N_POINTS }, (_, i) => low - margin + i * step);
  return { x, y: x.map((volume) => energyAt(fit, volume)) };
}

/** @param volume A^3 @returns eV */
export function energyAt(fit: EquationOfStateFit, volume: number): number {
  const { equilibrium_energy_eV: e0, equilibrium_volume_A3: v0, pressure_derivative: b1 } = fit;
  const b0 = fit.bulk_modulus_GPa / GPA_PER_EV_A3;
  switch (fit.method) {
    case 'birch_murnaghan': {
      const eta = (v0 / volume) ** (2 / 3);
      return e0 + ((9 * v0 * b0) / 16) * ((eta - 1) ** 3 * b1 + (eta - 1) ** 2 * (6 - 4 * eta));
    }
    case 'murnaghan':
      return e0 + (b0 * volume * ((v0 / volume) ** b1 / (b1 - 1) + 1)) / b1 - (v0 * b0) / (b1 - 1);
    case 'vinet': {
      const x = Math.cbrt(volume / v0);
      const xi = 1.5 * (b1 - 1);
      const inner = 2 - (2 + 3 * (b1 - 1) * (x - 1)) * Math.exp(-xi * (x - 1));
      return e0 + ((2 * v0 * b0) / (b1 - 1) ** 2) * inner;
    }
  }
}
