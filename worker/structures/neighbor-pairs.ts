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

  const binOfAtom: Vector3[] = [];
  const wrapShift: Vector3[] = [];
  const bins = new Map<number, number[]>();
  const keyOf = (bin: Vector3): number => (bin[0] * nBins[1] + bin[1]) * nBins[2] + bin[2];
  for (const [i, position] of positions.entries()) {
    const fractional = multiply([position[0] - origin[0], position[1] - origin[1], position[2] - origin[2]], inverse);
    const bin: Vector3 = [0, 0, 0];
    const shift: Vector3 = [0, 0, 0];
    for (const k of AXES) {
      shift[k] = pbc[k] ? Math.floor(fractional[k]) : 0;
      bin[k] = Math.min(nBins[k] - 1, Math.max(0, Math.floor((fractional[k] - shift[k]) * nBins[k])));
    }
    binOfAtom.push(bin);
    wrapShift.push(shift);
    const members = bins.get(keyOf(bin));
    if (members === undefined) bins.set(keyOf(bin), [i]);
    else members.push(i);
  }

  const cutoffSquared = cutoff * cutoff;
  const other: Vector3 = [0, 0, 0];
  const image: Vector3 = [0, 0, 0];
  for (let i = 0; i < nAtoms; i += 1) {
    const [position, bin, own] = [positions[i], binOfAtom[i], wrapShift[i]];
    if (position === undefined || bin === undefined || own === undefined) continue;
    for (let da = -reach[0]; da <= reach[0]; da += 1) {
      if (!place(0, bin[0] + da)) continue;
      for (let db = -reach[1]; db <= reach[1]; db += 1) {
        if (!place(1, bin[1] + db)) continue;
        for (let dc = -reach[2]; dc <= reach[2]; dc += 1) {
          if (!place(2, bin[2] + dc)) continue;
          for (const j of bins.get(keyOf(other)) ?? []) {
            if (j < i) continue;
            const [target, theirs] = [positions[j], wrapShift[j]];
            if (target === undefined || theirs === undefined) continue;
            const shift: Vector3 = [
              image[0] + own[0] - theirs[0],
              image[1] + own[1] - theirs[1],
              image[2] + own[2] - theirs[2],
            ];
            if (j === i && !isPositive(shift)) continue;
            const offset = multiply(shift, cell);
            const x = target[0] + offset[0] - position[0];
            const y = target[1] + offset[1] - position[1];
            const z = target[2] + offset[2] - position[2];
            const squared = x * x + y * y + z * z;
            if (squared < cutoffSquared && !visit({ i, j, shift, distance: Math.sqrt(squared) })) return;
          }
        }
      }
    }
  }

  /** Put raw bin index `raw` into the cell along axis k; false when it lies outside a non-periodic box. */
  function place(k: 0 | 1 | 2, raw: number): boolean {
    const cells = Math.floor(raw / nBins[k]);
    if (cells !== 0 && !pbc[k]) return false;
    image[k] = cells;
    other[k] = raw - cells * nBins[k];
    return true;
  }
}

/** One of a vector and its opposite: the one whose first non-zero component is positive; (0, 0, 0) is neither. */
function isPositive(shift: Vector3): boolean {
  return shift[0] > 0 || (shift[0] === 0 && (shift[1] > 0 || (shift[1] === 0 && shift[2] > 0)));
}
