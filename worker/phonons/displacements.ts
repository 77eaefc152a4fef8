// Which atoms are displaced, and in which directions, so that symmetry tells all the rest. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import type { Displacement } from '../kernel-client/force-constants.ts';
import { norm } from '../structures/cell.ts';
import type { PermutingOperation, PhononCells } from './phonon-cells.ts';
import { rotate, smallestEigenvalue } from './rotations.ts';

/** Atoms that operations take onto each other. */
export interface Orbit {
  /** The atom of the primitive cell that is displaced. */
  readonly atom: number;
  /** Operations that leave its representative where it is, the translation back included. */
  readonly siteOperations: readonly PermutingOperation[];
  /** Every atom of the orbit, the first one included, and what takes the representative of the first to its own. */
  readonly images: readonly { readonly atom: number; readonly operation: PermutingOperation }[];
  /** Cartesian unit vectors whose images under the site's operations span space. */
  readonly directions: readonly Vector3[];
}

export function findOrbits(cells: PhononCells): Orbit[] {
  const seen = new Set<number>();
  const orbits: Orbit[] = [];
  cells.representatives.forEach((representative, atom) => {
    if (seen.has(atom)) return;
    const images = new Map<number, PermutingOperation>();
    const siteOperations: PermutingOperation[] = [];
    for (const operation of cells.operations) {
      const target = operation.permutation[representative] ?? 0;
      const image = cells.primitiveAtoms[target] ?? 0;
      const moved = thenTranslate(operation, cells.translations[cells.toRepresentative[target] ?? 0]);
      if (image === atom) siteOperations.push(moved);
      if (!images.has(image)) images.set(image, moved);
      seen.add(image);
    }
    orbits.push({
      atom,
      siteOperations,
      images: [...images].map(([image, operation]) => ({ atom: image, operation })),
      directions: chooseDirections(
        siteOperations.map(({ rotation }) => rotation),
        cells.lattice,
      ),
    });
  });
  return orbits;
}

/** In the order of the orbits, atoms being those of the supercell. */
export function displacementsOf(cells: PhononCells, orbits: readonly Orbit[]): Displacement[] {
  return orbits.flatMap(({ atom, directions }) =>
    directions.map((direction) => ({ atom: cells.representatives[atom] ?? 0, direction })),
  );
}

function thenTranslate(
  { rotation, permutation }: PermutingOperation,
  translation: Int32Array | undefined,
): PermutingOperation {
  return { rotation, permutation: permutation.map((target) => translation?.[target] ?? target) };
}

/**
 * Of the mean of u u^T over the images of the directions: at least this, at best 1/3. Below, noise of the forces along one direction
 * would grow more than fivefold.
 */
const SMALLEST_SPREAD = 0.04;

const CARTESIAN: Cell = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** As few as possible; among as few, those whose images spread most evenly. */
function chooseDirections(rotations: readonly Cell[], lattice: Cell): readonly Vector3[] {
  const candidates = [...combinations(CARTESIAN), ...combinations(lattice)].map((direction) => ({
    direction,
    spread: spreadOf(direction, rotations),
  }));
  const single = best(candidates.map(({ direction, spread }) => ({ directions: [direction], spread })));
  if (single !== null) return single;
  const pairs = candidates.flatMap((first, i) =>
    candidates.slice(i + 1).map((second) => ({
      directions: [first.direction, second.direction],
      spread: mean(first.spread, second.spread),
    })),
  );
  return best(pairs) ?? CARTESIAN;
}

function best(choices: readonly { directions: readonly Vector3[]; spread: Cell }[]): readonly Vector3[] | null {
  let found: readonly Vector3[] | null = null;
  // An even choice has to be clearly better to take the place of an earlier, simpler one.
  let evenness = SMALLEST_SPREAD - 1e-6;
  for (const { directions, spread } of choices) {
    const smallest = smallestEigenvalue(spread);
    if (smallest <= evenness + 1e-6) continue;
    [found, evenness] = [directions, smallest];
  }
  return found;
}

/** Sums of the rows with factors -1, 0, 1, as unit vectors; one of each pair of opposite ones. */
function combinations(rows: Cell): Vector3[] {
  const factors = [-1, 0, 1];
  const all = factors.flatMap((a) => factors.flatMap((b) => factors.map((c): Vector3 => [a, b, c])));
  return all
    .filter((factor) => (factor.find((x) => x !== 0) ?? 0) > 0)
    .sort((u, v) => norm(u) - norm(v))
    .map(([a, b, c]) => {
      const sum = [0, 1, 2].map(
        (k) => a * (rows[0][k] ?? 0) + b * (rows[1][k] ?? 0) + c * (rows[2][k] ?? 0),
      ) as Vector3;
      const length = norm(sum);
      return sum.map((x) => x / length) as Vector3;
    });
}

/** Mean of u u^T over the images u of a unit vector: trace 1. */
function spreadOf(direction: Vector3, rotations: readonly Cell[]): Cell {
  const spread: Cell = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (const rotation of rotations) {
    const image = rotate(rotation, direction);
    for (const a of [0, 1, 2] as const) {
      for (const b of [0, 1, 2] as const) spread[a][b] += (image[a] * image[b]) / rotations.length;
    }
  }
  return spread;
}

function mean(first: Cell, second: Cell): Cell {
  const row = (k: 0 | 1 | 2): Vector3 => [
    (first[k][0] + second[k][0]) / 2,
    (first[k][1] + second[k][1]) / 2,
    (first[k][2] + second[k][2]) / 2,
  ];
  return [row(0), row(1), row(2)];
}
