// Conventional cell -> primitive cell, lattice vectors of International Tables vol. A, section 1.5 (P, F, I, R obverse).
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { cellFromParameters, cellParameters, inverseOf, multiply } from '../../../worker/structures/cell.ts';
import type { Model, ModelAtom } from './build-model.ts';
import { wrapIntoCell } from './build-model.ts';

const [half, third] = [1 / 2, 1 / 3];

/** Primitive vectors as rows, in units of the conventional ones. */
const PRIMITIVE_VECTORS: Readonly<Record<string, Cell>> = {
  F: [
    [0, half, half],
    [half, 0, half],
    [half, half, 0],
  ],
  I: [
    [-half, half, half],
    [half, -half, half],
    [half, half, -half],
  ],
  R: [
    [2 * third, third, third],
    [-third, third, third],
    [-third, -2 * third, third],
  ],
};

export interface PrimitiveCell {
  readonly cell: Cell;
  readonly atoms: readonly ModelAtom[];
}

/** @throws Error when the lattice is not F, I or R, or the atoms do not divide evenly */
export function primitiveCellOf({ cell, setting, atoms }: Model): PrimitiveCell {
  const centring = setting.symbol.charAt(0);
  const vectors = PRIMITIVE_VECTORS[centring];
  if (vectors === undefined) throw new Error(`A ${centring} lattice has no smaller primitive cell here.`);
  const rows: Cell = [multiply(vectors[0], cell), multiply(vectors[1], cell), multiply(vectors[2], cell)];
  const inverse = inverseOf(vectors);
  const kept: ModelAtom[] = [];
  for (const atom of atoms) {
    const [x, y, z] = multiply(atom.fractional, inverse);
    const fractional: Vector3 = [wrapIntoCell(x), wrapIntoCell(y), wrapIntoCell(z)];
    const isNew = kept.every(
      (other) =>
        other.element !== atom.element ||
        other.fractional.some(
          (t, k) => Math.abs(t - (fractional[k] ?? NaN) - Math.round(t - (fractional[k] ?? NaN))) > 1e-5,
        ),
    );
    if (isNew) kept.push({ ...atom, fractional });
  }
  const nLatticePoints = Math.round(1 / Math.abs(determinant(vectors)));
  if (kept.length * nLatticePoints !== atoms.length) {
    throw new Error(
      `${atoms.length} atoms gave ${kept.length} in the primitive cell, not 1/${nLatticePoints} of them.`,
    );
  }
  return { cell: cellFromParameters(cellParameters(rows)), atoms: kept };
}

function determinant([a, b, c]: Cell): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}
