// A structure moved onto the exact symmetry that it has within a tolerance.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { AtomLocator } from './atom-locator.ts';
import { inverseOf, multiply, norm, subtract } from './cell.ts';
import { findOperations } from './space-group-operations.ts';
import type { CrystalSymmetry } from './space-group-operations.ts';
import { StructureError } from './structure-error.ts';
import { SYMMETRY_TOLERANCE_A } from './symmetry.ts';

export interface Symmetrized {
  structure: Structure;
  spaceGroup: string;
  /** How far an atom was from its symmetric place, A. */
  largest_shift_A: number;
}

/** An image may be off by its own error and that of the atom it meets; atoms are an order of magnitude further apart. */
const IMAGE_TOLERANCE = 4;

/** f' = f @ rotation + translation, of rows of fractional coordinates; the rotation holds whole numbers. */
interface FractionalOperation {
  readonly rotation: Cell;
  readonly translation: Vector3;
}

/**
 * Every atom becomes the mean of its images under all operations, and the metric of the lattice that of its images; what the cell repeats
 * becomes copies of its first atoms. Orientation, order of the atoms and their continuous positions stay.
 *
 * @throws StructureError not_periodic | invalid_symmetry
 */
export function symmetrize(structure: Structure, tolerance: number = SYMMETRY_TOLERANCE_A): Symmetrized {
  const symmetry = findOperations(structure, tolerance);
  const lattice = exactLattice(symmetry.lattice, structure.cell ?? symmetry.lattice);
  const operations = fractionalOperations(symmetry);
  const primitive = { ...symmetry.primitive, cell: lattice };
  const locator = new AtomLocator(primitive, lattice, IMAGE_TOLERANCE * tolerance);
  const places = meanPlaces(primitive.symbols, operations, locator);
  const strain = squareRoot(meanMetric(operations, lattice));
  const inverse = inverseOf(lattice);
  const positions = structure.positions.map((position, k) => {
    const fractional = multiply(position, inverse);
    const p = locator.find(structure.symbols[k] ?? '', fractional);
    const [own, mean] = [locator.fractional[p ?? -1], places[p ?? -1]];
    if (own === undefined || mean === undefined) throw ambiguous();
    const moved = fractional.map((x, axis) => (mean[axis] ?? 0) + Math.round(x - (own[axis] ?? 0))) as Vector3;
    return multiply(multiply(moved, lattice), strain);
  });
  const shifts = positions.map((after, k) => norm(subtract(after, multiply(structure.positions[k] ?? after, strain))));
  return {
    structure: { ...structure, cell: structure.cell === null ? null : times(structure.cell, strain), positions },
    spaceGroup: symmetry.spaceGroup,
    largest_shift_A: shifts.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** The vectors of a smaller lattice were read off atoms; the cell is a whole multiple of the true ones. */
function exactLattice(lattice: Cell, cell: Cell): Cell {
  return times(inverseOf(rounded(times(cell, inverseOf(lattice)))), cell);
}

function fractionalOperations({ lattice, operations }: CrystalSymmetry): FractionalOperation[] {
  const inverse = inverseOf(lattice);
  return operations.map(({ rotation, translation }) => ({
    rotation: rounded(times(times(lattice, transposed(rotation)), inverse)),
    translation: multiply(translation, inverse),
  }));
}

/** Fractional, of the atoms of the primitive cell: each near its own place. */
function meanPlaces(
  symbols: readonly string[],
  operations: readonly FractionalOperation[],
  locator: AtomLocator,
): Vector3[] {
  const { fractional } = locator;
  const sums = fractional.map((): Vector3 => [0, 0, 0]);
  for (const { rotation, translation } of operations) {
    fractional.forEach((from, i) => {
      const [x, y, z] = multiply(from, rotation);
      const place: Vector3 = [x + translation[0], y + translation[1], z + translation[2]];
      const j = locator.find(symbols[i] ?? '', place);
      const [own, sum] = [fractional[j ?? -1], sums[j ?? -1]];
      if (own === undefined || sum === undefined) throw ambiguous();
      for (const k of [0, 1, 2] as const) {
        const difference = place[k] - own[k];
        sum[k] += difference - Math.round(difference);
      }
    });
  }
  const n = operations.length;
  return fractional.map((own, j) => {
    const [x, y, z] = sums[j] ?? [0, 0, 0];
    return [own[0] + x / n, own[1] + y / n, own[2] + z / n];
  });
}

/** As a factor of the lattice in cartesian coordinates: the identity for one that is symmetric already. */
function meanMetric(operations: readonly FractionalOperation[], lattice: Cell): Cell {
  const images = operations.map(({ rotation }) => {
    const rows = times(rotation, lattice);
    return times(rows, transposed(rows));
  });
  const entry = (i: 0 | 1 | 2, j: 0 | 1 | 2): number =>
    images.reduce((sum, image) => sum + image[i][j], 0) / images.length;
  const row = (i: 0 | 1 | 2): Vector3 => [entry(i, 0), entry(i, 1), entry(i, 2)];
  const inverse = inverseOf(lattice);
  return times(times(inverse, [row(0), row(1), row(2)]), transposed(inverse));
}

function ambiguous(): StructureError {
  return new StructureError(
    'invalid_symmetry',
    'An atom has no counterpart under the symmetry that was found: the structure is too far from it.',
  );
}

function transposed([a, b, c]: Cell): Cell {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function rounded(matrix: Cell): Cell {
  const round = ([x, y, z]: Vector3): Vector3 => [Math.round(x), Math.round(y), Math.round(z)];
  return [round(matrix[0]), round(matrix[1]), round(matrix[2])];
}

/** More than Newton's iteration needs from a matrix that is nearly the identity: the error squares in every one. */
const ROOT_ITERATIONS = 8;

/** Of a symmetric matrix near the identity, by Newton's iteration. */
function squareRoot(matrix: Cell): Cell {
  let root: Cell = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let i = 0; i < ROOT_ITERATIONS; i += 1) {
    const other = times(matrix, inverseOf(root));
    const mean = (r: 0 | 1 | 2): Vector3 => [
      (root[r][0] + other[r][0]) / 2,
      (root[r][1] + other[r][1]) / 2,
      (root[r][2] + other[r][2]) / 2,
    ];
    root = [mean(0), mean(1), mean(2)];
  }
  return root;
}

function times(a: Cell, b: Cell): Cell {
  return [multiply(a[0], b), multiply(a[1], b), multiply(a[2], b)];
}
