// The vibration at gamma that costs least energy, and how its atoms move. Pure.
import type { Vector3 } from '../../contracts/structure.ts';
import { THZ_PER_SQRT_EV_A2_AMU } from '../../contracts/units.ts';
import { dynamicalMatrix } from './dynamical-matrix.ts';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import { hermitianEigenvalues } from './hermitian-eigenvalues.ts';
import { eigenvectorOf } from './lowest-eigenvector.ts';

export interface Mode {
  /** An imaginary frequency is written as a negative one. */
  readonly frequency_THz: number;
  /** [n_primitive]: how the atoms move; the one that moves most by 1. */
  readonly displacements: readonly Vector3[];
}

export function softestModeAtGamma(dynamics: LatticeDynamics): Mode {
  const { masses } = dynamics;
  const matrix = dynamicalMatrix(dynamics, [0, 0, 0]);
  const real = matrix.real.slice();
  const [square = 0] = hermitianEigenvalues(matrix);
  const vector = eigenvectorOf(real, matrix.size, square);
  const moved = Array.from(masses, (mass, atom): Vector3 => {
    const component = (k: number): number => (vector[3 * atom + k] ?? 0) / Math.sqrt(mass);
    return [component(0), component(1), component(2)];
  });
  const largest = Math.max(...moved.map((displacement) => Math.hypot(...displacement)));
  return {
    frequency_THz: Math.sign(square) * Math.sqrt(Math.abs(square)) * THZ_PER_SQRT_EV_A2_AMU,
    displacements: moved.map(([x, y, z]): Vector3 => [x / largest, y / largest, z / largest]),
  };
}
