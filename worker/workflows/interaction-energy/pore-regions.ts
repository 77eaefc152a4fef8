// Which grid points the molecule can take up, how they hang together, and at which energy a pocket would open. Pure.
import type { Vector3 } from '../../../contracts/structure.ts';
import { LatticeUnionFind } from './lattice-union-find.ts';

/** Steps in which pockets are looked for a way out, and where that ends: walls beyond are walls at any temperature. */
const OPENING_STEP_KT = 1;
const MOST_OPENING_KT = 60;

type Axis = 0 | 1 | 2;
export type GridShape = readonly [number, number, number];

export interface PoreRegion {
  /** Index of one of its points: where the molecule is bound best. */
  lowest_point: number;
  n_points: number;
  /** Share of the Boltzmann weights of all points. */
  weight_share: number;
  /** Independent lattice vectors by which it reaches images of itself: as many as it has dimensions; none: a pocket. */
  directions: Vector3[];
  /** The energy, in steps of kT, up to which points must count for a pocket to be part of a channel; null: none that was tried, or a channel. */
  opens_at_kT: number | null;
}

export interface PoreRegions {
  shape: GridShape;
  /** [n_points] index of the region; -1: not accessible. */
  region_of: Int32Array;
  /** The largest weight first. */
  regions: PoreRegion[];
}

export interface EnergyGrid {
  shape: GridShape;
  /** [a][b][c] lowest energy over the orientations, eV. */
  minimum_eV: Float32Array;
  /** [a][b][c]; the weight of a point is exp(-free energy / kT). */
  free_energy_eV: Float32Array;
}

/**
 * Regions of neighboring points (six neighbors, through the faces of the cell) with an energy below the threshold. One that reaches
 * an image of itself is a channel; the others are pockets.
 */
export function findPoreRegions(grid: EnergyGrid, threshold_kT: number, kT_eV: number): PoreRegions {
  const search = new RegionSearch(grid);
  search.open(Number.NEGATIVE_INFINITY, threshold_kT * kT_eV);
  const found = collect(grid, search, kT_eV);
  const closed = found.regions.filter(({ directions }) => directions.length === 0);
  for (
    let level = threshold_kT;
    level < MOST_OPENING_KT && closed.some((r) => r.opens_at_kT === null);
    level += OPENING_STEP_KT
  ) {
    search.open(level * kT_eV, (level + OPENING_STEP_KT) * kT_eV);
    for (const pocket of closed) {
      if (pocket.opens_at_kT !== null || search.directionsAt(pocket.lowest_point).length === 0) continue;
      pocket.opens_at_kT = level + OPENING_STEP_KT;
    }
  }
  return found;
}

export function isChannel({ directions }: PoreRegion): boolean {
  return directions.length > 0;
}

/** Boltzmann weights of the points, relative to the largest. */
export function pointWeights(free_energy_eV: Float32Array, kT_eV: number): Float64Array {
  const lowest = free_energy_eV.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const weights = new Float64Array(free_energy_eV.length);
  free_energy_eV.forEach((energy, point) => {
    weights[point] = Math.exp(-(energy - lowest) / kT_eV);
  });
  return weights;
}

function collect({ shape, minimum_eV, free_energy_eV }: EnergyGrid, search: RegionSearch, kT_eV: number): PoreRegions {
  const weights = pointWeights(free_energy_eV, kT_eV);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const byRoot = new Map<number, PoreRegion>();
  const root_of = new Int32Array(minimum_eV.length);
  for (let point = 0; point < root_of.length; point += 1) {
    const root = search.rootAt(point);
    root_of[point] = root;
    if (root === -1) continue;
    let region = byRoot.get(root);
    if (region === undefined) {
      const directions = search.directionsAt(root);
      region = { lowest_point: point, n_points: 0, weight_share: 0, directions, opens_at_kT: null };
      byRoot.set(root, region);
    }
    region.n_points += 1;
    region.weight_share += (weights[point] ?? 0) / total;
    if ((minimum_eV[point] ?? 0) < (minimum_eV[region.lowest_point] ?? 0)) region.lowest_point = point;
  }
  const ordered = [...byRoot].sort(([, a], [, b]) => b.weight_share - a.weight_share);
  const indexOf = new Map(ordered.map(([root], i) => [root, i]));
  return {
    shape,
    region_of: root_of.map((root) => indexOf.get(root) ?? -1),
    regions: ordered.map(([, region]) => region),
  };
}

/** Points that are opened in the order of their energies. */
class RegionSearch {
  readonly #shape: GridShape;
  readonly #energies: Float32Array;
  readonly #isOpen: Uint8Array;
  readonly #sets: LatticeUnionFind;

  constructor({ shape, minimum_eV }: EnergyGrid) {
    this.#shape = shape;
    this.#energies = minimum_eV;
    this.#isOpen = new Uint8Array(minimum_eV.length);
    this.#sets = new LatticeUnionFind(minimum_eV.length);
  }

  /** Points from one energy up to, without, another. */
  open(from_eV: number, to_eV: number): void {
    for (let point = 0; point < this.#energies.length; point += 1) {
      const energy = this.#energies[point] ?? Number.POSITIVE_INFINITY;
      if (energy < from_eV || !(energy < to_eV)) continue;
      this.#isOpen[point] = 1;
      for (const axis of [0, 1, 2] as const) {
        this.#touch(point, axis, 1);
        this.#touch(point, axis, -1);
      }
    }
  }

  /** -1 for a point that is not open. */
  rootAt(point: number): number {
    return this.#isOpen[point] === 1 ? this.#sets.root(point) : -1;
  }

  directionsAt(point: number): Vector3[] {
    return this.#sets.loops(this.#sets.root(point));
  }

  #touch(point: number, axis: Axis, step: 1 | -1): void {
    const { neighbor, shift } = neighborOf(this.#shape, point, axis, step);
    if (this.#isOpen[neighbor] === 1) this.#sets.join(point, neighbor, axis, shift);
  }
}

/** The next point along an axis, and the image of the cell that it lies in. */
export function neighborOf(
  shape: GridShape,
  point: number,
  axis: Axis,
  step: 1 | -1,
): { neighbor: number; shift: -1 | 0 | 1 } {
  const n = shape[axis];
  const stride = axis === 0 ? shape[1] * shape[2] : axis === 1 ? shape[2] : 1;
  const moved = (Math.floor(point / stride) % n) + step;
  if (moved < 0) return { neighbor: point + (n - 1) * stride, shift: -1 };
  if (moved >= n) return { neighbor: point - (n - 1) * stride, shift: 1 };
  return { neighbor: point + step * stride, shift: 0 };
}
