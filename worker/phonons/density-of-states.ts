// Density of vibrational states: a Gaussian for every mode. Pure.
import type { QPoint } from './q-mesh.ts';

export interface DensityOfStates {
  frequencies_THz: number[];
  /** Per THz and primitive cell: the integral is the number of branches. */
  density: number[];
  smearing_THz: number;
}

const N_POINTS = 501;
/** Of the range of frequencies. */
const SMEARING = 1 / 250;
const SMALLEST_SMEARING_THZ = 0.01;
/** Beyond so many standard deviations a Gaussian is left out: 1e-6 of it. */
const REACH = 5;

/**
 * All modes count, imaginary ones with their negative frequencies.
 *
 * @param frequencies [n_points][n_branches], THz
 */
export function densityOfStates(points: readonly QPoint[], frequencies: readonly Float64Array[]): DensityOfStates {
  const lowest = Math.min(0, ...frequencies.map((values) => values[0] ?? 0));
  const highest = Math.max(...frequencies.map((values) => values.at(-1) ?? 0));
  const smearing_THz = Math.max(SMALLEST_SMEARING_THZ, SMEARING * (highest - lowest));
  const [from, to] = [lowest - REACH * smearing_THz, highest + REACH * smearing_THz];
  const step = (to - from) / (N_POINTS - 1);
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const density = new Float64Array(N_POINTS);
  points.forEach(({ weight }, i) => {
    const height = weight / total / (smearing_THz * Math.sqrt(2 * Math.PI));
    for (const frequency of frequencies[i] ?? []) {
      const first = Math.max(0, Math.ceil((frequency - REACH * smearing_THz - from) / step));
      const last = Math.min(N_POINTS - 1, Math.floor((frequency + REACH * smearing_THz - from) / step));
      for (let k = first; k <= last; k += 1) {
        const off = (from + k * step - frequency) / smearing_THz;
        density[k] = (density[k] ?? 0) + height * Math.exp((-off * off) / 2);
      }
    }
  });
  return {
    frequencies_THz: Array.from(density, (_, k) => from + k * step),
    density: [...density],
    smearing_THz,
  };
}
