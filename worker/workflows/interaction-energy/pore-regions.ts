// Which grid points the molecule can take up, and which of those it can reach through the crystal. Pure.

export interface PoreRegions {
  n_accessible: number;
  n_percolating: number;
  /** Connected parts of the cell that no accessible path leaves. */
  n_pockets: number;
  /** Of the points' Boltzmann weights, the share in pockets. */
  pocket_weight_share: number;
}

/**
 * Regions of neighboring points (six neighbors, through the faces of the cell) with an energy below the threshold. One that reaches
 * an image of itself runs through the crystal; the others are pockets.
 *
 * @param energies [a][b][c] lowest energy at each point, eV
 * @param weights [a][b][c] free energy at each point, eV; the weight is exp(-weight / kT)
 */
export function findPoreRegions(
  shape: readonly [number, number, number],
  energies: Float32Array,
  weights: Float32Array,
  threshold_eV: number,
  kT_eV: number,
): PoreRegions {
  const search = new RegionSearch(shape, energies, threshold_eV);
  const found: PoreRegions = { n_accessible: 0, n_percolating: 0, n_pockets: 0, pocket_weight_share: 0 };
  const lowest = weights.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const weightOf = (point: number): number =>
    Math.exp(-((weights[point] ?? Number.POSITIVE_INFINITY) - lowest) / kT_eV);
  let total = 0;
  for (let point = 0; point < energies.length; point += 1) total += weightOf(point);
  let inPockets = 0;
  for (let seed = 0; seed < energies.length; seed += 1) {
    const region = search.from(seed);
    if (region === null) continue;
    found.n_accessible += region.points.length;
    if (region.percolates) {
      found.n_percolating += region.points.length;
    } else {
      found.n_pockets += 1;
      for (const point of region.points) inPockets += weightOf(point);
    }
  }
  found.pocket_weight_share = total > 0 ? Math.min(1, inPockets / total) : 0;
  return found;
}

class RegionSearch {
  readonly #shape: readonly [number, number, number];
  readonly #energies: Float32Array;
  readonly #threshold_eV: number;
  /** Image of the cell in which each point was reached: [n_points][3]. */
  readonly #image: Int8Array;
  readonly #isSeen: Uint8Array;
  readonly #queue: Int32Array;

  constructor(shape: readonly [number, number, number], energies: Float32Array, threshold_eV: number) {
    this.#shape = shape;
    this.#energies = energies;
    this.#threshold_eV = threshold_eV;
    this.#image = new Int8Array(3 * energies.length);
    this.#isSeen = new Uint8Array(energies.length);
    this.#queue = new Int32Array(energies.length);
  }

  /** The region of a point; null when it is not accessible or was seen before. The points are valid until the next call. */
  from(seed: number): { points: Int32Array; percolates: boolean } | null {
    if (this.#isSeen[seed] === 1 || !this.#isAccessible(seed)) return null;
    this.#isSeen[seed] = 1;
    this.#queue[0] = seed;
    let length = 1;
    let percolates = false;
    for (let at = 0; at < length; at += 1) {
      const point = this.#queue[at] ?? seed;
      for (let axis = 0; axis < 3; axis += 1) {
        for (const step of [1, -1]) {
          const { neighbor, shift } = this.#step(point, axis, step);
          if (!this.#isAccessible(neighbor)) continue;
          if (this.#isSeen[neighbor] === 1) {
            percolates ||= this.#closesALoop(point, neighbor, axis, shift);
            continue;
          }
          this.#isSeen[neighbor] = 1;
          this.#enter(point, neighbor, axis, shift);
          this.#queue[length] = neighbor;
          length += 1;
        }
      }
    }
    return { points: this.#queue.subarray(0, length), percolates };
  }

  #isAccessible(point: number): boolean {
    return (this.#energies[point] ?? Number.POSITIVE_INFINITY) < this.#threshold_eV;
  }

  #step(point: number, axis: number, step: number): { neighbor: number; shift: number } {
    const [, n_b, n_c] = this.#shape;
    const n = this.#shape[axis] ?? 1;
    const stride = axis === 0 ? n_b * n_c : axis === 1 ? n_c : 1;
    const index = Math.floor(point / stride) % n;
    const moved = index + step;
    if (moved < 0) return { neighbor: point + (n - 1) * stride, shift: -1 };
    if (moved >= n) return { neighbor: point - (n - 1) * stride, shift: 1 };
    return { neighbor: point + step * stride, shift: 0 };
  }

  #enter(point: number, neighbor: number, axis: number, shift: number): void {
    for (let k = 0; k < 3; k += 1) {
      this.#image[3 * neighbor + k] = (this.#image[3 * point + k] ?? 0) + (k === axis ? shift : 0);
    }
  }

  /** A point that was reached in another image of the cell: the way there leads through the crystal. */
  #closesALoop(point: number, neighbor: number, axis: number, shift: number): boolean {
    for (let k = 0; k < 3; k += 1) {
      const expected = (this.#image[3 * point + k] ?? 0) + (k === axis ? shift : 0);
      if (this.#image[3 * neighbor + k] !== expected) return true;
    }
    return false;
  }
}
