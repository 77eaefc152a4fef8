// Forces on atoms. Pure.
import type { Vector3 } from '../../contracts/structure.ts';
import { norm } from '../structures/cell.ts';

/** The largest per-atom force norm, in the unit of the forces; 0 without atoms. */
export function largestForce(forces: readonly Vector3[]): number {
  return forces.reduce((largest, force) => Math.max(largest, norm(force)), 0);
}
