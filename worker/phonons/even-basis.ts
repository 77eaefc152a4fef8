// A basis of a lattice whose lattice planes are as far apart as can be. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply, norm, signedVolume, volumeOf } from '../structures/cell.ts';
import { transpose } from './rotations.ts';

const FACTORS = [-1, 0, 1];
/** Relative, of sums of squares: cells are symmetric to some digits only. */
const TIE = 1e-6;

/**
 * The smallest sum of squares of the reciprocal vectors, then of the vectors themselves. It treats directions alike that symmetry relates
 * (of the bases of a face-centered lattice it takes the one with three angles of 60 degrees), and so does a mesh in it.
 *
 * @param lattice rows, A; short vectors
 */
export function evenBasis(lattice: Cell): Cell {
  const vectors = FACTORS.flatMap((a) => FACTORS.flatMap((b) => FACTORS.map((c): Vector3 => [a, b, c])))
    .filter((factors) => (factors.find((x) => x !== 0) ?? 0) > 0)
    .map((factors) => multiply(factors, lattice));
  const volume = volumeOf(lattice);
  let best = { basis: lattice, score: scoreOf(lattice) };
  vectors.forEach((u, i) => {
    vectors.slice(i + 1).forEach((v, j) => {
      for (const w of vectors.slice(i + j + 2)) {
        if (Math.abs(volumeOf([u, v, w]) / volume - 1) > 1e-3) continue;
        const score = scoreOf([u, v, w]);
        if (isBetter(score, best.score)) best = { basis: rightHanded([u, v, w]), score };
      }
    });
  });
  return best.basis;
}

function scoreOf(basis: Cell): [number, number] {
  return [sumOfSquares(transpose(inverseOf(basis))), sumOfSquares(basis)];
}

function sumOfSquares(rows: Cell): number {
  return rows.reduce((sum, row) => sum + norm(row) ** 2, 0);
}

function isBetter([first, second]: [number, number], [otherFirst, otherSecond]: [number, number]): boolean {
  if (first < otherFirst * (1 - TIE)) return true;
  return first < otherFirst * (1 + TIE) && second < otherSecond * (1 - TIE);
}

function rightHanded([u, v, w]: Cell): Cell {
  return signedVolume([u, v, w]) > 0 ? [u, v, w] : [v, u, w];
}
