// Which atoms to draw a bond between, across periodic boundaries. For the eye only: the kernel has its own bond perception.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { covalentRadius, isMetal } from './covalent-radii.ts';
import { ORIGIN, perpendicularWidths, reciprocalRows, subtract, toFractional } from './lattice.ts';

/** Atom `j`, moved by `shift` lattice vectors, is bonded to atom `i`. */
export interface PeriodicBond {
  readonly i: number;
  readonly j: number;
  readonly shift: Vector3;
}

/** Added to the sum of the covalent radii, A: bonds to metals in frameworks are up to a fifth of an Angstrom longer than the sum. */
const TOLERANCE_A = 0.3;
/** Two atoms closer than this lie on one another (disorder, a doubled site): no bond between them, A. */
const SHORTEST_BOND_A = 0.4;

/**
 * Pairs within the sum of their covalent radii + 0.3 A. Metal-metal pairs (the corners of an oxide node, a paddlewheel's
 * axis) and hydrogen-hydrogen pairs are left out, because a chemist draws none there.
 *
 * @param structure positions [n_atoms][3] cartesian, A, anywhere in space; cell rows, A, of any shape, also thinner than a bond
 * @returns each bond once; linear in n_atoms
 */
export function findBonds(structure: Structure): PeriodicBond[] {
  const { symbols, positions } = structure;
  const n_atoms = positions.length;
  if (n_atoms === 0) return [];
  const radii = symbols.map(covalentRadius);
  const longest = 2 * Math.max(...new Set(radii)) + TOLERANCE_A;
  const grid = buildGrid(structure, longest);

  const bonds: PeriodicBond[] = [];
  for (let i = 0; i < n_atoms; i += 1) {
    const r_i = radii[i] ?? 0;
    const symbol_i = symbols[i] ?? '';
    grid.forEachNeighbor(i, (j, shift, distance2) => {
      const cutoff = r_i + (radii[j] ?? 0) + TOLERANCE_A;
      if (distance2 > cutoff * cutoff || distance2 < SHORTEST_BOND_A * SHORTEST_BOND_A) return;
      if (!areBondable(symbol_i, symbols[j] ?? '')) return;
      if (isFirstOfPair(i, j, shift)) bonds.push({ i, j, shift });
    });
  }
  return bonds;
}

function areBondable(a: string, b: string): boolean {
  return !(a === 'H' && b === 'H') && !(isMetal(a) && isMetal(b));
}

/** Every pair is met from both ends, as (i, j, s) and (j, i, -s); one of the two is kept. */
function isFirstOfPair(i: number, j: number, shift: Vector3): boolean {
  if (i !== j) return i < j;
  const first = shift.find((n) => n !== 0) ?? 0;
  return first > 0;
}

type NeighborVisitor = (j: number, shift: Vector3, distance2: number) => void;

/**
 * Cell list: atoms sorted into boxes at least `reach` wide where the cell allows; along an axis with fewer than three such
 * boxes, images are counted explicitly. Without a cell, or along an axis that is not periodic, the box of the atoms serves.
 */
function buildGrid(structure: Structure, reach: number): { forEachNeighbor(i: number, visit: NeighborVisitor): void } {
  const { positions, pbc } = structure;
  const { frame, origin } =
    structure.cell === null ? boundingBox(positions, reach) : { frame: structure.cell, origin: ORIGIN };
  const periodic: readonly boolean[] = structure.cell === null ? [false, false, false] : pbc;
  const reciprocal = reciprocalRows(frame);
  const widths = perpendicularWidths(reciprocal);
  const n_boxes = widths.map((width) => Math.max(1, Math.min(128, Math.floor(width / reach)))) as Vector3;
  const n_reach = widths.map((width, axis) => Math.ceil(reach / (width / (n_boxes[axis] ?? 1)) - 1e-9)) as Vector3;

  const wraps: Vector3[] = [];
  const boxes: Vector3[] = [];
  const members = new Map<number, number[]>();
  const boxIndex = (box: Vector3): number => (box[0] * n_boxes[1] + box[1]) * n_boxes[2] + box[2];

  positions.forEach((position, i) => {
    const fractional = toFractional(subtract(position, origin), reciprocal);
    const wrap = fractional.map((f, axis) => (periodic[axis] === true ? Math.floor(f) : 0)) as Vector3;
    const box = fractional.map((f, axis) => {
      const n = n_boxes[axis] ?? 1;
      return Math.max(0, Math.min(n - 1, Math.floor((f - (wrap[axis] ?? 0)) * n)));
    }) as Vector3;
    wraps.push(wrap);
    boxes.push(box);
    const index = boxIndex(box);
    const list = members.get(index);
    if (list === undefined) members.set(index, [i]);
    else list.push(i);
  });

  const [a, b, c] = frame;
  return {
    forEachNeighbor(i, visit) {
      const home = boxes[i] ?? [0, 0, 0];
      const wrap_i = wraps[i] ?? [0, 0, 0];
      const from = positions[i] ?? [0, 0, 0];
      for (let da = -n_reach[0]; da <= n_reach[0]; da += 1) {
        const along_a = stepBox(home[0] + da, n_boxes[0], periodic[0] === true);
        if (along_a === null) continue;
        for (let db = -n_reach[1]; db <= n_reach[1]; db += 1) {
          const along_b = stepBox(home[1] + db, n_boxes[1], periodic[1] === true);
          if (along_b === null) continue;
          for (let dc = -n_reach[2]; dc <= n_reach[2]; dc += 1) {
            const along_c = stepBox(home[2] + dc, n_boxes[2], periodic[2] === true);
            if (along_c === null) continue;
            for (const j of members.get(boxIndex([along_a.box, along_b.box, along_c.box])) ?? []) {
              const wrap_j = wraps[j] ?? [0, 0, 0];
              const u = along_a.image + wrap_i[0] - wrap_j[0];
              const v = along_b.image + wrap_i[1] - wrap_j[1];
              const w = along_c.image + wrap_i[2] - wrap_j[2];
              if (i === j && u === 0 && v === 0 && w === 0) continue;
              const to = positions[j] ?? [0, 0, 0];
              const x = to[0] - from[0] + u * a[0] + v * b[0] + w * c[0];
              const y = to[1] - from[1] + u * a[1] + v * b[1] + w * c[1];
              const z = to[2] - from[2] + u * a[2] + v * b[2] + w * c[2];
              const distance2 = x * x + y * y + z * z;
              if (distance2 <= reach * reach) visit(j, [u, v, w], distance2);
            }
          }
        }
      }
    },
  };
}

/** The box `n` steps along one axis: inside the cell, and how many cells further that is; null beyond an open end. */
function stepBox(n: number, n_boxes: number, isPeriodic: boolean): { box: number; image: number } | null {
  const image = Math.floor(n / n_boxes);
  if (image !== 0 && !isPeriodic) return null;
  return { box: n - image * n_boxes, image };
}

/** An orthogonal box that holds all atoms of a structure without a cell. */
function boundingBox(positions: readonly Vector3[], reach: number): { frame: Cell; origin: Vector3 } {
  const low: Vector3 = [Infinity, Infinity, Infinity];
  const high: Vector3 = [-Infinity, -Infinity, -Infinity];
  for (const position of positions) {
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], position[axis]);
      high[axis] = Math.max(high[axis], position[axis]);
    }
  }
  const side = (axis: 0 | 1 | 2): number => Math.max(reach, high[axis] - low[axis]);
  const frame: Cell = [
    [side(0), 0, 0],
    [0, side(1), 0],
    [0, 0, side(2)],
  ];
  return { frame, origin: low };
}
