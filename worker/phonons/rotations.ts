// Small matrices that act on column vectors. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { dot, inverseOf, multiply } from '../structures/cell.ts';

/** matrix @ v */
export function rotate(matrix: Cell, v: Vector3): Vector3 {
  return [dot(matrix[0], v), dot(matrix[1], v), dot(matrix[2], v)];
}

export function transpose([u, v, w]: Cell): Cell {
  return [
    [u[0], v[0], w[0]],
    [u[1], v[1], w[1]],
    [u[2], v[2], w[2]],
  ];
}

export function product(a: Cell, b: Cell): Cell {
  return [multiply(a[0], b), multiply(a[1], b), multiply(a[2], b)];
}

/** Row i tells the image of lattice vector i in lattice vectors; whole numbers when the rotation is one of the lattice. */
export function rotationInLattice(rotation: Cell, lattice: Cell): Cell {
  return product(product(lattice, transpose(rotation)), inverseOf(lattice));
}

/** Eigenvalues of a symmetric matrix, ascending; by its characteristic polynomial, good to about 1e-8 of the largest. */
export function smallestEigenvalue(m: Cell): number {
  const mean = (m[0][0] + m[1][1] + m[2][2]) / 3;
  const shifted: Cell = [
    [m[0][0] - mean, m[0][1], m[0][2]],
    [m[1][0], m[1][1] - mean, m[1][2]],
    [m[2][0], m[2][1], m[2][2] - mean],
  ];
  const spread = Math.sqrt(shifted.flat().reduce((sum, x) => sum + x * x, 0) / 6);
  if (spread === 0) return mean;
  const half = determinant(shifted) / (2 * spread ** 3);
  const angle = Math.acos(Math.min(1, Math.max(-1, half))) / 3;
  return mean + 2 * spread * Math.cos(angle + (2 * Math.PI) / 3);
}

function determinant([a, b, c]: Cell): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}
