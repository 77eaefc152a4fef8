// Finds the atom at a place, periodic images included, without walking through all atoms.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply, norm, perpendicularWidths } from './cell.ts';

const BIN_WIDTH_A = 1;

/** Of a structure that is periodic along all three vectors. */
export class AtomLocator {
  /** How often `find` was called. */
  nLookups = 0;
  readonly #structure: Structure;
  readonly #cell: Cell;
  readonly #tolerance: number;
  readonly #nBins: Vector3;
  readonly #margin: Vector3;
  readonly #bins = new Map<number, number[]>();
  readonly fractional: readonly Vector3[];

  constructor(structure: Structure, cell: Cell, tolerance: number) {
    this.#structure = structure;
    this.#cell = cell;
    this.#tolerance = tolerance;
    const widths = perpendicularWidths(cell);
    const binsAlong = (width: number): number => Math.min(256, Math.max(1, Math.floor(width / BIN_WIDTH_A)));
    this.#nBins = [binsAlong(widths[0]), binsAlong(widths[1]), binsAlong(widths[2])];
    this.#margin = [tolerance / widths[0], tolerance / widths[1], tolerance / widths[2]];
    const inverse = inverseOf(cell);
    this.fractional = structure.positions.map((position) => multiply(position, inverse));
    for (const [i, place] of this.fractional.entries()) {
      const key = this.#keyOf(this.#bin(place[0], 0), this.#bin(place[1], 1), this.#bin(place[2], 2));
      const members = this.#bins.get(key);
      if (members === undefined) this.#bins.set(key, [i]);
      else members.push(i);
    }
  }

  /** @returns the atom of this element within the tolerance of a fractional place */
  find(symbol: string, place: Vector3): number | undefined {
    this.nLookups += 1;
    for (const a of this.#binsNear(place[0], 0)) {
      for (const b of this.#binsNear(place[1], 1)) {
        for (const c of this.#binsNear(place[2], 2)) {
          for (const i of this.#bins.get(this.#keyOf(a, b, c)) ?? []) {
            if (this.#structure.symbols[i] === symbol && this.#isAt(i, place)) return i;
          }
        }
      }
    }
    return undefined;
  }

  #isAt(i: number, place: Vector3): boolean {
    const own = this.fractional[i];
    if (own === undefined) return false;
    const wrap = (t: number): number => t - Math.round(t);
    const difference: Vector3 = [wrap(own[0] - place[0]), wrap(own[1] - place[1]), wrap(own[2] - place[2])];
    return norm(multiply(difference, this.#cell)) < this.#tolerance;
  }

  #bin(x: number, k: 0 | 1 | 2): number {
    return Math.min(this.#nBins[k] - 1, Math.floor((x - Math.floor(x)) * this.#nBins[k]));
  }

  /** One bin, or two where the place lies within the tolerance of their border. */
  #binsNear(x: number, k: 0 | 1 | 2): readonly number[] {
    const [low, high] = [this.#bin(x - this.#margin[k], k), this.#bin(x + this.#margin[k], k)];
    return low === high ? [low] : [low, high];
  }

  #keyOf(a: number, b: number, c: number): number {
    return (a * this.#nBins[1] + b) * this.#nBins[2] + c;
  }
}
