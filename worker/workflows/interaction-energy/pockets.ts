// Places that no channel leads to, for the kernel and for sites; and what they are worth. Pure.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import type { BlockedPlaces } from '../../kernel-client/insertions.ts';
import { inverseOf, multiply } from '../../structures/cell.ts';
import { isChannel, neighborOf, pointWeights } from './pore-regions.ts';
import type { EnergyGrid, GridShape, PoreRegions } from './pore-regions.ts';

/** What the grid says about ways into the framework. */
export interface Pockets {
  regions: PoreRegions;
  /** null without a pocket. */
  places: BlockedPlaces | null;
  /** Of the Henry coefficient of the whole cell, by the grid of the task. */
  share: number;
  /** Are they left out of the results? */
  isBlocking: boolean;
  /** Did a grid with half the spacing decide? */
  isRefined: boolean;
  /** Pockets that the grid of the task had more than the finer one. */
  n_closed_by_grid: number;
}

/**
 * Every point of the grid belongs to the region that is fewest steps away (itself, where it is accessible); those that belong to a
 * pocket are blocked. A point between regions weighs nothing.
 *
 * @returns null without a pocket
 */
export function blockedPlaces({ shape, region_of, regions }: PoreRegions): BlockedPlaces | null {
  if (regions.every(isChannel)) return null;
  const isPocket = regions.map((region) => !isChannel(region));
  const is_blocked = new Uint8Array(region_of.length);
  nearestRegions(shape, region_of).forEach((region, point) => {
    if (isPocket[region] === true) is_blocked[point] = 1;
  });
  return { shape, is_blocked };
}

function nearestRegions(shape: GridShape, region_of: Int32Array): Int32Array {
  const nearest = region_of.slice();
  const queue = new Int32Array(nearest.length);
  let length = 0;
  region_of.forEach((region, point) => {
    if (region !== -1) queue[length++] = point;
  });
  for (let at = 0; at < length; at += 1) {
    const point = queue[at] ?? 0;
    for (const axis of [0, 1, 2] as const) {
      for (const step of [1, -1] as const) {
        const { neighbor } = neighborOf(shape, point, axis, step);
        if (nearest[neighbor] !== -1) continue;
        nearest[neighbor] = nearest[point] ?? -1;
        queue[length++] = neighbor;
      }
    }
  }
  return nearest;
}

/** Is this place nearest to a blocked point? As the kernel asks it (blocked.hpp). */
export function isBlockedAt({ shape, is_blocked }: BlockedPlaces, fractional: Vector3): boolean {
  const index = (k: 0 | 1 | 2): number =>
    Math.floor((fractional[k] - Math.floor(fractional[k])) * shape[k] + 0.5) % shape[k];
  return is_blocked[(index(0) * shape[1] + index(1)) * shape[2] + index(2)] === 1;
}

/** The same for cartesian places in one cell, A. */
export function blockedTest(blocked: BlockedPlaces | null, cell: Cell): (center: Vector3) => boolean {
  if (blocked === null) return () => false;
  const inverse = inverseOf(cell);
  return (center) => isBlockedAt(blocked, multiply(center, inverse));
}

/** Share of the Boltzmann weights of a grid, of any shape, at blocked places. */
export function blockedShare(grid: EnergyGrid, blocked: BlockedPlaces, kT_eV: number): number {
  const weights = pointWeights(grid.free_energy_eV, kT_eV);
  let inside = 0;
  let total = 0;
  for (let point = 0; point < weights.length; point += 1) {
    const weight = weights[point] ?? 0;
    if (!(weight > 0)) continue;
    total += weight;
    if (isBlockedAt(blocked, fractionalAt(grid.shape, point))) inside += weight;
  }
  return total > 0 ? inside / total : 0;
}

export function fractionalAt([n_a, n_b, n_c]: GridShape, point: number): Vector3 {
  return [Math.floor(point / (n_b * n_c)) / n_a, (Math.floor(point / n_c) % n_b) / n_b, (point % n_c) / n_c];
}
