// The operations that map a crystal onto itself as permutations of its atoms: those that map its own cell's lattice onto itself.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { AtomLocator } from './atom-locator.ts';
import { inverseOf, multiply } from './cell.ts';
import { findOperations } from './space-group-operations.ts';
import type { CartesianOperation } from './space-group-operations.ts';
import { StructureError } from './structure-error.ts';
import { SYMMETRY_TOLERANCE_A } from './symmetry.ts';

/** x' = rotation x + translation of columns of fractional coordinates. */
export interface CellOperation {
  /** Whole numbers. */
  readonly rotation: Cell;
  /** [n_atoms] Atom i lands on the place of atom permutation[i], or on one of its periodic images. */
  readonly permutation: Int32Array;
}

/** Whole numbers are found from positions that are right to SYMMETRY_TOLERANCE_A; lattice vectors are two orders of magnitude longer. */
const WHOLE_NUMBER_TOLERANCE = 0.05;
/** An image may be off by its own error and that of the atom it meets. */
const IMAGE_TOLERANCE = 2;

const IDENTITY: Cell = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/**
 * Operations that generate the space group of the structure, as far as its cell has it: a supercell that is longer in one direction
 * lacks the rotations that would turn it. Its pure translations are among them.
 *
 * @throws StructureError not_periodic | invalid_symmetry
 */
export function findCellOperations(structure: Structure, tolerance: number = SYMMETRY_TOLERANCE_A): CellOperation[] {
  const { operations, lattice } = findOperations(structure, tolerance);
  const cell = structure.cell ?? lattice;
  const inverse = inverseOf(cell);
  const locator = new AtomLocator(structure, cell, IMAGE_TOLERANCE * tolerance);
  const translations = lattice.map((translation): CartesianOperation => ({ rotation: IDENTITY, translation }));
  return [...operations, ...translations].flatMap(({ rotation, translation }) => {
    const inCell = toFractional(rotation, cell, inverse);
    if (inCell === null) return [];
    const shift = multiply(translation, inverse);
    return [{ rotation: inCell, permutation: permutationOf(structure, locator, inCell, shift) }];
  });
}

/** null for one that does not map the lattice of the cell onto itself. */
function toFractional(rotation: Cell, cell: Cell, inverse: Cell): Cell | null {
  // Row k holds the image of lattice vector k, in lattice vectors: the transposed of what acts on columns.
  const images = cell.map((vector) => multiply(turned(rotation, vector), inverse));
  const isWhole = images.flat().every((x) => Math.abs(x - Math.round(x)) < WHOLE_NUMBER_TOLERANCE);
  if (!isWhole) return null;
  const row = (i: 0 | 1 | 2): Vector3 => [entry(images[0], i), entry(images[1], i), entry(images[2], i)];
  return [row(0), row(1), row(2)];
}

function entry(row: Vector3 | undefined, i: 0 | 1 | 2): number {
  return Math.round(row?.[i] ?? Number.NaN);
}

/** matrix @ column */
function turned([a, b, c]: Cell, [x, y, z]: Vector3): Vector3 {
  const product = (row: Vector3): number => row[0] * x + row[1] * y + row[2] * z;
  return [product(a), product(b), product(c)];
}

function permutationOf(structure: Structure, locator: AtomLocator, rotation: Cell, shift: Vector3): Int32Array {
  return Int32Array.from(structure.symbols, (symbol, i) => {
    const [x, y, z] = turned(rotation, locator.fractional[i] ?? [Number.NaN, Number.NaN, Number.NaN]);
    const image = locator.find(symbol, [x + shift[0], y + shift[1], z + shift[2]]);
    if (image !== undefined) return image;
    throw new StructureError(
      'invalid_symmetry',
      `Atom ${i} has no counterpart under the symmetry that was found: the structure is too far from it.`,
    );
  });
}
