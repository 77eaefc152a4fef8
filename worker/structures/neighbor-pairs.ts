// All pairs of atoms within a cutoff, linear in the number of atoms, for any periodicity and also for cells that are
// smaller than the cutoff (every image counts). Used on parsed files; the kernel has its own list for the step loop.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply, perpendicularWidths } from './cell.ts';

export interface NeighborPair {
  readonly i: number;
  readonly j: number;
  /** Lattice vectors to add to atom j: r = positions[j] + shift @ cell - positions[i]. */
  readonly shift: Vector3;
  readonly distance: number;
}

/** The cell that bins are cut from: the lattice where periodic, the bounding box elsewhere. */
interface Frame {
  readonly cell: Cell;
  readonly origin: Vector3;
}

const AXES = [0, 1, 2] as const;

function frameOf(structure: Structure): Frame {
  const { cell, pbc, positions } = structure;
  if (cell !== null && pbc.every(Boolean)) return { cell, origin: [0, 0, 0] };
  const rows = cell ?? [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const inverse = inverseOf(rows);
  const lower: Vector3 = [Infinity, Infinity, Infinity];
  const upper: Vector3 = [-Infinity, -Infinity, -Infinity];
  for (const position of positions) {
    const fractional = multiply(position, inverse);
    for (const k of AXES) {
      lower[k] = Math.min(lower[k], fractional[k]);
      upper[k] = Math.max(upper[k], fractional[k]);
    }
  }
  const scale = (k: 0 | 1 | 2): number => (pbc[k] ? 1 : Math.max(upper[k] - lower[k], 1e-3) * 1.001);
  const stretched = AXES.map((k) => rows[k].map((x) => x * scale(k))) as unknown as Cell;
  const corner: Vector3 = [pbc[0] ? 0 : lower[0], pbc[1] ? 0 : lower[1], pbc[2] ? 0 : lower[2]];
  return { cell: stretched, origin: multiply(corner, rows) };
}

/**
 * Visit every unordered pair within `cutoff` once, an atom with its own images included.
 *
 * @param cutoff A
 * @param visit  returns false to stop
 */
export function visitNeighborPairs(structure: Structure, cutoff: number, visit: (pair: NeighborPair) => boolean): void {
  const { positions, pbc } = structure;
  const nAtoms = positions.length;
  const { cell, origin } = frameOf(structure);
  const inverse = inverseOf(cell);
  const widths = perpendicularWidths(cell);
  // Not more bins than atoms: an empty bin costs as much as a full one.
  const maxBins = Math.max(1, Math.ceil(Math.cbrt(nAtoms)) * 2);
  const nBins = widths.map((width) => Math.min(maxBins, Math.max(1, Math.floor(width / cutoff)))) as unknown as Vector3;
  const reach = AXES.map((k) => Math.ceil((cutoff * nBins[k]) / widths[k])) as unknown as Vector3;

  // Flat arrays, and one offset per image instead of one per pair: this loop is the cost of reading a large structure.
  const wrapped = new Float64Array(3 * nAtoms);
  const wrapShift = new Int32Array(3 * nAtoms);
  const binOfAtom = new Int32Array(3 * nAtoms);
  const bins = new Map<number, number[]>();
  const keyOf = (a: number, b: number, c: number): number => (a * nBins[1] + b) * nBins[2] + c;
  for (const [i, position] of positions.entries()) {
    const fractional = multiply([position[0] - origin[0], position[1] - origin[1], position[2] - origin[2]], inverse);
    const shift = AXES.map((k) => (pbc[k] ? Math.floor(fractional[k]) : 0)) as Vector3;
    const offset = multiply(shift, cell);
    for (const k of AXES) {
      const bin = Math.floor((fractional[k] - shift[k]) * nBins[k]);
      wrapped[3 * i + k] = position[k] - offset[k];
      wrapShift[3 * i + k] = shift[k];
      binOfAtom[3 * i + k] = Math.min(nBins[k] - 1, Math.max(0, bin));
    }
    const key = keyOf(binOfAtom[3 * i] ?? 0, binOfAtom[3 * i + 1] ?? 0, binOfAtom[3 * i + 2] ?? 0);
    const members = bins.get(key);
    if (members === undefined) bins.set(key, [i]);
    else members.push(i);
  }

  const cutoffSquared = cutoff * cutoff;
  const at = (array: Float64Array | Int32Array, i: number, k: number): number => array[3 * i + k] ?? 0;
  for (let i = 0; i < nAtoms; i += 1) {
    for (let da = -reach[0]; da <= reach[0]; da += 1) {
      const a = at(binOfAtom, i, 0) + da;
      const imageA = Math.floor(a / nBins[0]);
      if (imageA !== 0 && !pbc[0]) continue;
      for (let db = -reach[1]; db <= reach[1]; db += 1) {
        const b = at(binOfAtom, i, 1) + db;
        const imageB = Math.floor(b / nBins[1]);
        if (imageB !== 0 && !pbc[1]) continue;
        for (let dc = -reach[2]; dc <= reach[2]; dc += 1) {
          const c = at(binOfAtom, i, 2) + dc;
          const imageC = Math.floor(c / nBins[2]);
          if (imageC !== 0 && !pbc[2]) continue;
          const members = bins.get(keyOf(a - imageA * nBins[0], b - imageB * nBins[1], c - imageC * nBins[2]));
          if (members === undefined) continue;
          const x0 = imageA * cell[0][0] + imageB * cell[1][0] + imageC * cell[2][0] - at(wrapped, i, 0);
          const y0 = imageA * cell[0][1] + imageB * cell[1][1] + imageC * cell[2][1] - at(wrapped, i, 1);
          const z0 = imageA * cell[0][2] + imageB * cell[1][2] + imageC * cell[2][2] - at(wrapped, i, 2);
          for (const j of members) {
            if (j < i || (j === i && !isPositive(imageA, imageB, imageC))) continue;
            const x = x0 + at(wrapped, j, 0);
            const y = y0 + at(wrapped, j, 1);
            const z = z0 + at(wrapped, j, 2);
            const squared = x * x + y * y + z * z;
            if (squared >= cutoffSquared) continue;
            const shift: Vector3 = [
              imageA + at(wrapShift, i, 0) - at(wrapShift, j, 0),
              imageB + at(wrapShift, i, 1) - at(wrapShift, j, 1),
              imageC + at(wrapShift, i, 2) - at(wrapShift, j, 2),
            ];
            if (!visit({ i, j, shift, distance: Math.sqrt(squared) })) return;
          }
        }
      }
    }
  }
}

/** One of a vector and its opposite: the one whose first non-zero component is positive; (0, 0, 0) is neither. */
function isPositive(a: number, b: number, c: number): boolean {
  return a > 0 || (a === 0 && (b > 0 || (b === 0 && c > 0)));
}
