// Radial distribution functions, one frame after another. Pure.
import type { Rdf } from '../../../contracts/results/stability.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { perpendicularWidths, volumeOf } from '../../structures/cell.ts';
import { isMetal } from '../../structures/elements.ts';
import { visitNeighborPairs } from '../../structures/neighbor-pairs.ts';

const BIN_WIDTH_A = 0.05;
/** The structure of a framework beyond is that of its lattice; pairs grow with the third power. */
const MOST_REACH_A = 12;
const MOST_PAIRS = 12;
const ALL = 'all';

/**
 * g_AB(r) = <pairs of A and B in the shell * V> / (N_A N_B * volume of the shell), each pair seen from A; N_A N_A for a pair of one
 * element, so that N/V g(r) is the density around an atom and counts its neighbors. An ideal gas of N atoms has 1 - 1/N.
 * Every image counts, whatever the cell does on the way.
 */
export class RadialDistribution {
  readonly #reach: number;
  readonly #kinds: readonly number[];
  readonly #nOfKind: readonly number[];
  readonly #elements: readonly string[];
  readonly #pairs: readonly (readonly [string, string])[];
  /** [pair of kinds][bin], pairs of atoms times the volume of their frame. */
  readonly #histograms: Float64Array[];
  #nFrames = 0;

  /** @param start decides the reach: half the smallest width, in whole bins */
  constructor(start: Structure) {
    const width = start.cell === null ? 0 : Math.min(...perpendicularWidths(start.cell));
    const isBulk = start.pbc.every(Boolean);
    const nBins = isBulk ? Math.floor(Math.min(MOST_REACH_A, width / 2) / BIN_WIDTH_A + 1e-9) : 0;
    this.#reach = nBins * BIN_WIDTH_A;
    this.#elements = [...new Set(start.symbols)].sort();
    this.#kinds = start.symbols.map((symbol) => this.#elements.indexOf(symbol));
    this.#nOfKind = this.#elements.map((element) => start.symbols.filter((symbol) => symbol === element).length);
    this.#pairs = pairsOf(this.#elements);
    this.#histograms = Array.from({ length: this.#elements.length ** 2 }, () => new Float64Array(nBins));
  }

  add(frame: Structure): void {
    if (this.#reach === 0 || frame.cell === null) return;
    this.#nFrames += 1;
    const volume = volumeOf(frame.cell);
    const nKinds = this.#elements.length;
    visitNeighborPairs(frame, this.#reach, ({ i, j, distance }) => {
      const [a, b] = [this.#kinds[i] ?? 0, this.#kinds[j] ?? 0];
      const histogram = this.#histograms[a * nKinds + b];
      const bin = Math.floor(distance / BIN_WIDTH_A);
      if (histogram !== undefined) histogram[bin] = (histogram[bin] ?? 0) + volume;
      return true;
    });
  }

  /** All atoms first; [] without three periodic axes or without a frame. */
  result(): Rdf[] {
    if (this.#nFrames === 0) return [];
    const kinds = this.#elements.map((_, kind) => kind);
    const total = this.#distribution([ALL, ALL], kinds, kinds);
    return [
      total,
      ...this.#pairs.map((pair) => this.#distribution(pair, [this.#kind(pair[0])], [this.#kind(pair[1])])),
    ];
  }

  #kind(element: string): number {
    return this.#elements.indexOf(element);
  }

  #distribution(pair: readonly [string, string], first: readonly number[], second: readonly number[]): Rdf {
    const nKinds = this.#elements.length;
    const n = (kinds: readonly number[]): number => kinds.reduce((sum, kind) => sum + (this.#nOfKind[kind] ?? 0), 0);
    const bins = this.#histograms[0] ?? new Float64Array(0);
    // A pair of kinds a, b is seen from a when a stands in `first` and from b when b does: twice for one set with itself.
    const counted = first.flatMap((a) => second.flatMap((b) => [a * nKinds + b, b * nKinds + a]));
    const g = Array.from(bins, (_, bin) => {
      const weight = counted.reduce((sum, histogram) => sum + (this.#histograms[histogram]?.[bin] ?? 0), 0);
      return weight / (this.#nFrames * n(first) * n(second) * shellVolume(bin));
    });
    return { pair: [...pair], distances_A: Array.from(bins, (_, bin) => centerOf(bin)), g };
  }
}

/** A^3. */
function shellVolume(bin: number): number {
  const [inner, outer] = [bin * BIN_WIDTH_A, (bin + 1) * BIN_WIDTH_A];
  return ((4 * Math.PI) / 3) * (outer ** 3 - inner ** 3);
}

/** Without the noise of binary fractions: 0.025, 0.075. */
function centerOf(bin: number): number {
  return Number(((bin + 0.5) * BIN_WIDTH_A).toFixed(3));
}

/** Those with a metal first, those with hydrogen last. */
function pairsOf(elements: readonly string[]): [string, string][] {
  const pairs = elements.flatMap((first, i) => elements.slice(i).map((second) => ordered(first, second)));
  const rank = (pair: readonly string[]): number => (pair.some(isMetal) ? 0 : 2) + (pair.includes('H') ? 1 : 0);
  return pairs.sort((p, q) => rank(p) - rank(q)).slice(0, MOST_PAIRS);
}

function ordered(first: string, second: string): [string, string] {
  return isMetal(second) && !isMetal(first) ? [second, first] : [first, second];
}
