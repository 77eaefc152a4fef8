// Velocities that are handed from one ensemble to the next. Pure.
import type { Vector3 } from '../../contracts/structure.ts';
import { elementOf } from '../structures/elements.ts';

/**
 * Langevin dynamics lets the whole drift; a chain of thermostats keeps that momentum for ever and counts it as heat.
 *
 * @param velocities [n_atoms], A/fs
 * @returns the same without total momentum
 */
export function withoutDrift(symbols: readonly string[], velocities: readonly Vector3[]): Vector3[] {
  const masses = symbols.map((symbol) => elementOf(symbol).mass_amu);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const drift = ([0, 1, 2] as const).map(
    (k) => velocities.reduce((sum, velocity, i) => sum + (masses[i] ?? 0) * velocity[k], 0) / total,
  );
  const [x = 0, y = 0, z = 0] = drift;
  return velocities.map(([vx, vy, vz]) => [vx - x, vy - y, vz - z]);
}
