// How far atoms moved in a relaxation whose cell moved too. Pure.
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { inverseOf, multiply, norm, subtract } from '../../structures/cell.ts';

/**
 * Root mean square displacement per atom after removing the mean displacement. With a cell, displacements are taken in
 * fractional coordinates and mapped to the final cell, so that the strain of the cell itself does not count.
 *
 * @param initial, final the same atoms in the same order; positions continuous (not wrapped between the two), A
 * @returns A
 */
export function rmsdFromInitial(initial: Structure, final: Structure): number {
  const displacements = initial.positions.map((before, i) => {
    const after = final.positions[i] ?? before;
    if (initial.cell === null || final.cell === null) return subtract(after, before);
    const moved = subtract(multiply(after, inverseOf(final.cell)), multiply(before, inverseOf(initial.cell)));
    return multiply(moved, final.cell);
  });
  const mean = meanOf(displacements);
  const squares = displacements.map((displacement) => norm(subtract(displacement, mean)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length));
}

function meanOf(vectors: readonly Vector3[]): Vector3 {
  const sum: Vector3 = [0, 0, 0];
  for (const [x, y, z] of vectors) {
    sum[0] += x;
    sum[1] += y;
    sum[2] += z;
  }
  const n = Math.max(1, vectors.length);
  return [sum[0] / n, sum[1] / n, sum[2] / n];
}
