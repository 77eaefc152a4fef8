// The shortest vector between two points among all periodic images, for any cell shape.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply, norm, perpendicularWidths, subtract } from './cell.ts';

/**
 * @param vector cartesian, A
 * @returns the shortest of vector + n @ cell over all integer n along the periodic directions
 */
export function minimumImage(vector: Vector3, cell: Cell, pbc: Structure['pbc']): Vector3 {
  const fractional = multiply(vector, inverseOf(cell));
  const nearest = fractional.map((x, k) => (pbc[k] === true ? -Math.round(x) : 0)) as Vector3;
  const start = add(vector, multiply(nearest, cell));
  const length = norm(start);
  // A lattice plane's worth of steps per width: no image outside these shells can be shorter than `start`.
  const reach = perpendicularWidths(cell).map((width, k) =>
    pbc[k] === true ? Math.ceil(length / width) : 0,
  ) as Vector3;
  let [best, bestLength] = [start, length];
  for (let i = -reach[0]; i <= reach[0]; i += 1) {
    for (let j = -reach[1]; j <= reach[1]; j += 1) {
      for (let k = -reach[2]; k <= reach[2]; k += 1) {
        const candidate = add(start, multiply([i, j, k], cell));
        const candidateLength = norm(candidate);
        if (candidateLength < bestLength) [best, bestLength] = [candidate, candidateLength];
      }
    }
  }
  return best;
}

function add(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}

/**
 * Shortest distance between atoms i and j, A; for i = j it is 0.
 *
 * @throws RangeError when an index is out of range
 */
export function minimumImageDistance(structure: Structure, i: number, j: number): number {
  const [from, to] = [structure.positions[i], structure.positions[j]];
  if (from === undefined || to === undefined) {
    throw new RangeError(`atoms ${i} and ${j} of a structure with ${structure.positions.length} atoms`);
  }
  const vector = subtract(to, from);
  return norm(structure.cell === null ? vector : minimumImage(vector, structure.cell, structure.pbc));
}
