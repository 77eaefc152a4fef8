// The best superposition of two sets of points, and the root mean square distance that is left. Pure.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { multiply, norm, subtract } from './cell.ts';
import { minimumImage } from './minimum-image.ts';

/**
 * RMSD as MOFSimBench defines it: sqrt(sum |dr|^2 / (3 N)), which is 1/sqrt(3) of the usual one per atom. The structure is moved and turned
 * onto the reference as well as it goes; then the minimum image of every displacement in the reference's cell counts.
 *
 * @param structure the atoms of the reference in its order, positions continuous (not wrapped between the two), A
 * @returns A
 */
export function benchmarkRmsd(reference: Structure, structure: Structure): number {
  const { cell, pbc } = reference;
  const from = centered(structure.positions);
  const to = centered(reference.positions);
  const rotation = bestRotation(from, to);
  const squares = to.map((target, i) => {
    const displacement = subtract(multiply(from[i] ?? target, rotation), target);
    return norm(cell === null ? displacement : minimumImage(displacement, cell, pbc)) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, 3 * squares.length));
}

/**
 * The proper rotation R that makes sum |from_i @ R - to_i|^2 smallest, for points whose means are zero.
 * Source: B. K. P. Horn, J. Opt. Soc. Am. A 4, 629 (1987): the quaternion that belongs to the largest eigenvalue.
 */
export function bestRotation(from: readonly Vector3[], to: readonly Vector3[]): Cell {
  const sums = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => from.reduce((sum, point, i) => sum + (point[a] ?? 0) * (to[i]?.[b] ?? 0), 0)),
  );
  const s = (a: number, b: number): number => sums[a]?.[b] ?? 0;
  const [yz, zx, xy] = [s(1, 2) - s(2, 1), s(2, 0) - s(0, 2), s(0, 1) - s(1, 0)];
  const quaternion = dominantEigenvector([
    [s(0, 0) + s(1, 1) + s(2, 2), yz, zx, xy],
    [yz, s(0, 0) - s(1, 1) - s(2, 2), s(0, 1) + s(1, 0), s(2, 0) + s(0, 2)],
    [zx, s(0, 1) + s(1, 0), s(1, 1) - s(0, 0) - s(2, 2), s(1, 2) + s(2, 1)],
    [xy, s(2, 0) + s(0, 2), s(1, 2) + s(2, 1), s(2, 2) - s(0, 0) - s(1, 1)],
  ]);
  return rotationOf(quaternion);
}

/** For row vectors: v @ R. */
function rotationOf([w = 1, x = 0, y = 0, z = 0]: readonly number[]): Cell {
  return [
    [w * w + x * x - y * y - z * z, 2 * (x * y + w * z), 2 * (x * z - w * y)],
    [2 * (x * y - w * z), w * w - x * x + y * y - z * z, 2 * (y * z + w * x)],
    [2 * (x * z + w * y), 2 * (y * z - w * x), w * w - x * x - y * y + z * z],
  ];
}

/** Of the largest eigenvalue of a symmetric matrix, by cyclic Jacobi rotations; length 1. */
function dominantEigenvector(symmetric: readonly (readonly number[])[]): number[] {
  const n = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  const at = (matrix: number[][], i: number, j: number): number => matrix[i]?.[j] ?? 0;
  const scale = Math.max(...a.flat().map(Math.abs));
  for (let sweep = 0; sweep < MAX_SWEEPS && scale > 0; sweep += 1) {
    const offDiagonal = Math.max(...a.flatMap((row, i) => row.map((x, j) => (i === j ? 0 : Math.abs(x)))));
    if (offDiagonal <= Number.EPSILON * scale) break;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, vectors, p, q);
  }
  const largest = a.reduce((best, _, i) => (at(a, i, i) > at(a, best, best) ? i : best), 0);
  return vectors.map((row) => row[largest] ?? 0);
}

/** Far more than a 4 x 4 matrix takes: convergence is quadratic. */
const MAX_SWEEPS = 50;

/** Makes a[p][q] zero by a plane rotation, and applies it to the columns of the vectors. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  if (at(p, q) === 0) return;
  const angle = 0.5 * Math.atan2(2 * at(p, q), at(q, q) - at(p, p));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const mix = (row: number[], i: number, j: number): void => {
    const [u, v] = [row[i] ?? 0, row[j] ?? 0];
    row[i] = c * u - s * v;
    row[j] = s * u + c * v;
  };
  for (const row of a) mix(row, p, q);
  const [rowP = [], rowQ = []] = [a[p], a[q]];
  for (let k = 0; k < a.length; k += 1) {
    const [u, v] = [rowP[k] ?? 0, rowQ[k] ?? 0];
    rowP[k] = c * u - s * v;
    rowQ[k] = s * u + c * v;
  }
  for (const row of vectors) mix(row, p, q);
}

function centered(points: readonly Vector3[]): Vector3[] {
  const mean = [0, 1, 2].map(
    (k) => points.reduce((sum, point) => sum + (point[k] ?? 0), 0) / Math.max(1, points.length),
  );
  const [x = 0, y = 0, z = 0] = mean;
  return points.map((point) => subtract(point, [x, y, z]));
}
