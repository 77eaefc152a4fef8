// Which bonds break and form along a trajectory. Pure.
// A vibration is no event: a bond breaks only beyond a longer distance than the one within which it forms, and either counts only when every
// frame of a while agrees.
import type { BondEvent } from '../../../contracts/results/stability.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { BOND_TOLERANCE, bondLimit, findBonds } from '../../structures/bonds.ts';
import type { Bond } from '../../structures/bonds.ts';
import { multiply, norm, subtract } from '../../structures/cell.ts';

/** Of the sum of the covalent radii: C-C 2.28 A, Zn-O 2.82 A, Cu-O 2.97 A. */
const BROKEN_BEYOND = 1.5;
/** Ten periods of a C-H stretch, two of a metal-oxygen stretch. */
const PERSISTENCE_FS = 100;
const MIN_FRAMES = 2;
/** What a result lists; all are counted. */
const MOST_EVENTS = 1000;

export const BOND_RULE = {
  bonded_within: BOND_TOLERANCE,
  broken_beyond: BROKEN_BEYOND,
  persistence_fs: PERSISTENCE_FS,
} as const;

interface Pair extends Pick<Bond, 'i' | 'j' | 'shift'> {
  readonly isInitial: boolean;
  isBonded: boolean;
  /** Since when the frames say the opposite of `isBonded`; null when they do not. */
  change: { time_fs: number; distance_A: number; n_frames: number } | null;
}

export class BondTracker {
  readonly events: BondEvent[] = [];
  readonly n_bonds_first: number;
  readonly #symbols: readonly string[];
  readonly #pairs = new Map<string, Pair>();

  /** @param start of the trajectory, whose positions are continuous (not wrapped) from here on */
  constructor(start: Structure) {
    this.#symbols = start.symbols;
    for (const { i, j, shift } of findBonds(start)) {
      this.#pairs.set(keyOf({ i, j, shift }), { i, j, shift, isInitial: true, isBonded: true, change: null });
    }
    this.n_bonds_first = this.#pairs.size;
  }

  /** @param frame positions and cell at `time_fs`; times grow */
  add(time_fs: number, frame: Structure): void {
    for (const bond of findBonds(frame)) {
      const key = keyOf(bond);
      if (this.#pairs.has(key)) continue;
      const { i, j, shift } = bond;
      this.#pairs.set(key, { i, j, shift, isInitial: false, isBonded: false, change: null });
    }
    for (const [key, pair] of this.#pairs) {
      this.#look(pair, time_fs, distanceOf(pair, frame));
      if (!pair.isInitial && !pair.isBonded && pair.change === null) this.#pairs.delete(key);
    }
  }

  /** Those that hold now. */
  get bonds(): Pick<Bond, 'i' | 'j' | 'shift'>[] {
    return [...this.#pairs.values()].filter(({ isBonded }) => isBonded);
  }

  get n_broken(): number {
    return this.#count(({ isInitial, isBonded }) => isInitial && !isBonded);
  }

  get n_formed(): number {
    return this.#count(({ isInitial, isBonded }) => !isInitial && isBonded);
  }

  #count(predicate: (pair: Pair) => boolean): number {
    return [...this.#pairs.values()].filter(predicate).length;
  }

  #look(pair: Pair, time_fs: number, distance_A: number): void {
    if (!this.#hasChanged(pair, distance_A)) {
      pair.change = null;
      return;
    }
    pair.change ??= { time_fs, distance_A, n_frames: 0 };
    pair.change.n_frames += 1;
    if (pair.change.n_frames < MIN_FRAMES || time_fs - pair.change.time_fs < PERSISTENCE_FS) return;
    pair.isBonded = !pair.isBonded;
    this.#tell(pair, pair.change);
    pair.change = null;
  }

  #hasChanged({ i, j, isBonded }: Pair, distance_A: number): boolean {
    const bonded = bondLimit(this.#symbols[i] ?? '', this.#symbols[j] ?? '');
    return isBonded ? distance_A > (bonded * BROKEN_BEYOND) / BOND_TOLERANCE : distance_A < bonded;
  }

  #tell({ i, j, isBonded }: Pair, { time_fs, distance_A }: NonNullable<Pair['change']>): void {
    if (this.events.length >= MOST_EVENTS) return;
    this.events.push({
      time_ps: time_fs / 1000,
      kind: isBonded ? 'formed' : 'broken',
      atoms: [i, j],
      elements: [this.#symbols[i] ?? '', this.#symbols[j] ?? ''],
      distance_A,
    });
  }
}

function keyOf({ i, j, shift }: Pick<Bond, 'i' | 'j' | 'shift'>): string {
  return `${i} ${j} ${shift.join(' ')}`;
}

function distanceOf({ i, j, shift }: Pair, { positions, cell }: Structure): number {
  const [from, to] = [positions[i], positions[j]];
  if (from === undefined || to === undefined) throw new RangeError(`atoms ${i} and ${j} of ${positions.length}`);
  const vector = subtract(to, from);
  return norm(cell === null ? vector : add(vector, multiply(shift, cell)));
}

function add(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}
