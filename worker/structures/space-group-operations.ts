// The operations that map a crystal onto itself, in its own orientation and origin.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply } from './cell.ts';
import { analyzeSymmetry } from './symmetry.ts';

/** x' = rotation x + translation: cartesian column vectors, A. */
export interface CartesianOperation {
  readonly rotation: Cell;
  readonly translation: Vector3;
}

export interface CrystalSymmetry {
  /** Short Hermann-Mauguin symbol. */
  readonly spaceGroup: string;
  readonly spaceGroupNumber: number;
  /** One copy of what the structure repeats: its first atoms, in its order and orientation. */
  readonly primitive: Structure;
  /** Of the primitive cell: rows, A. */
  readonly lattice: Cell;
  /** Modulo that lattice. */
  readonly operations: readonly CartesianOperation[];
}

/**
 * @param tolerance how far an atom may be from where an operation puts it, A
 * @throws StructureError not_periodic | invalid_symmetry
 */
export function findOperations(structure: Structure, tolerance: number): CrystalSymmetry {
  const { dataset, lattice, reduced } = analyzeSymmetry(structure, tolerance);
  const inverse = inverseOf(lattice);
  const operations = dataset.operations.map(({ rotation: [a, b, c, d, e, f, g, h, i], translation }) => {
    // moyo writes its matrices column by column. A row r is x @ lattice, so r' = r @ (lattice^-1 W^T lattice) + w @ lattice.
    const transposed: Cell = [
      [a, b, c],
      [d, e, f],
      [g, h, i],
    ];
    const onRows = (row: Vector3): Vector3 => multiply(multiply(row, transposed), lattice);
    const [u, v, w] = [onRows(inverse[0]), onRows(inverse[1]), onRows(inverse[2])];
    const rotation: Cell = [
      [u[0], v[0], w[0]],
      [u[1], v[1], w[1]],
      [u[2], v[2], w[2]],
    ];
    return { rotation, translation: multiply(translation, lattice) };
  });
  return {
    spaceGroup: dataset.hm_symbol,
    spaceGroupNumber: dataset.number,
    primitive: reduced,
    lattice,
    operations,
  };
}
