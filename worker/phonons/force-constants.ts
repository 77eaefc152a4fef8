// Force constants of a crystal from those rows that were computed: symmetry, then the sum rules. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { inverseOf } from '../structures/cell.ts';
import type { Orbit } from './displacements.ts';
import type { PhononCells } from './phonon-cells.ts';
import { product, rotate, transpose } from './rotations.ts';

/** Sums over a row that are left, relative to the largest force constant. */
const SUM_TOLERANCE = 1e-12;
/** Projections in turn converge geometrically: rows of random numbers, far worse than any forces, need fewer. */
const MOST_PASSES = 200;

export interface ForceConstantMatrix {
  /**
   * [n_primitive][n_supercell][3][3], eV/A^2: second derivatives of the energy by the place of the representative of a primitive
   * atom and that of an atom of the supercell (with all its images).
   */
  readonly values: Float64Array;
  readonly nPrimitive: number;
  readonly nSupercell: number;
}

/**
 * @param rows [n_displacements][n_supercell][3], eV/A^2, as computeForceConstants gives them for displacementsOf(cells, orbits)
 */
export function buildForceConstants(
  cells: PhononCells,
  orbits: readonly Orbit[],
  rows: Float64Array,
): ForceConstantMatrix {
  const [nPrimitive, nSupercell] = [cells.representatives.length, cells.primitiveAtoms.length];
  // Threads read it without a copy of their own.
  const values = new Float64Array(new SharedArrayBuffer(72 * nPrimitive * nSupercell));
  let firstRow = 0;
  for (const orbit of orbits) {
    const blocks = fitBlocks(orbit, rows, firstRow, nSupercell);
    firstRow += orbit.directions.length;
    for (const { atom, operation } of orbit.images) {
      for (const [j, block] of blocks.entries()) {
        const { rotation, permutation } = operation;
        const rotated = product(product(rotation, block), transpose(rotation));
        writeBlock(values, atom * nSupercell + (permutation[j] ?? 0), rotated);
      }
    }
  }
  return { values, nPrimitive, nSupercell };
}

/**
 * Of the displaced atom with every atom, by least squares over what the site's operations make of its displacements:
 * an operation takes the displacement u to R u and the response of atom j to R f on the image of j.
 */
function fitBlocks(orbit: Orbit, rows: Float64Array, firstRow: number, nSupercell: number): Cell[] {
  const square = zeros();
  const responses = Array.from({ length: nSupercell }, zeros);
  for (const { rotation, permutation } of orbit.siteOperations) {
    for (const [k, direction] of orbit.directions.entries()) {
      const displaced = rotate(rotation, direction);
      addProduct(square, displaced, displaced);
      for (let j = 0; j < nSupercell; j += 1) {
        const at = 3 * ((firstRow + k) * nSupercell + j);
        const force: Vector3 = [rows[at] ?? 0, rows[at + 1] ?? 0, rows[at + 2] ?? 0];
        const block = responses[permutation[j] ?? 0];
        if (block !== undefined) addProduct(block, displaced, rotate(rotation, force));
      }
    }
  }
  const inverse = inverseOf(square);
  return responses.map((response) => product(inverse, response));
}

/**
 * What the acoustic sum rule is violated by: the largest entry of the sums over either index, eV/A^2. Forces that add up to zero fulfill
 * it for one of the two; the other one shows the noise and the anharmonicity of the displacements.
 */
export function acousticSumError(cells: PhononCells, matrix: ForceConstantMatrix): number {
  return largestSum(matrix, partnersOf(cells));
}

function largestSum({ values, nPrimitive, nSupercell }: ForceConstantMatrix, partners: Int32Array): number {
  let largest = 0;
  for (let p = 0; p < nPrimitive; p += 1) {
    const columns = new Float64Array(9);
    for (let j = 0; j < nSupercell; j += 1) {
      const first = 9 * (partners[p * nSupercell + j] ?? 0);
      for (let k = 0; k < 9; k += 1) columns[k] = (columns[k] ?? 0) + (values[first + k] ?? 0);
    }
    for (const entry of [...rowSum(values, p, nSupercell), ...columns]) largest = Math.max(largest, Math.abs(entry));
  }
  return largest;
}

/**
 * In place: a translation of the crystal costs no energy (the sums over either index vanish), and the order of differentiation does not
 * matter. Both are projections that respect the symmetry of the crystal; they are repeated in turn until both hold.
 */
export function imposeSumRules(cells: PhononCells, matrix: ForceConstantMatrix): void {
  const { values, nPrimitive, nSupercell } = matrix;
  const partners = partnersOf(cells);
  const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    exchangeIndices(values, partners);
    if (largestSum(matrix, partners) <= SUM_TOLERANCE * scale) return;
    for (let p = 0; p < nPrimitive; p += 1) {
      const sums = rowSum(values, p, nSupercell);
      const first = 9 * p * nSupercell;
      for (let i = 0; i < 9 * nSupercell; i += 1) {
        values[first + i] = (values[first + i] ?? 0) - (sums[i % 9] ?? 0) / nSupercell;
      }
    }
  }
}

/** [n_primitive * n_supercell]: the pair with its two atoms exchanged, moved so that it starts at a representative. */
function partnersOf({ primitiveAtoms, representatives, toRepresentative, translations }: PhononCells): Int32Array {
  const nSupercell = primitiveAtoms.length;
  const partners = new Int32Array(representatives.length * nSupercell);
  representatives.forEach((representative, p) => {
    for (let j = 0; j < nSupercell; j += 1) {
      const translation = translations[toRepresentative[j] ?? 0];
      partners[p * nSupercell + j] = (primitiveAtoms[j] ?? 0) * nSupercell + (translation?.[representative] ?? 0);
    }
  });
  return partners;
}

function exchangeIndices(values: Float64Array, partners: Int32Array): void {
  partners.forEach((partner, pair) => {
    if (partner < pair) return;
    for (let a = 0; a < 3; a += 1) {
      for (let b = 0; b < 3; b += 1) {
        const [here, there] = [9 * pair + 3 * a + b, 9 * partner + 3 * b + a];
        const mean = ((values[here] ?? 0) + (values[there] ?? 0)) / 2;
        values[here] = mean;
        values[there] = mean;
      }
    }
  });
}

function rowSum(values: Float64Array, p: number, nSupercell: number): Float64Array {
  const sums = new Float64Array(9);
  const first = 9 * p * nSupercell;
  for (let i = 0; i < 9 * nSupercell; i += 1) sums[i % 9] = (sums[i % 9] ?? 0) + (values[first + i] ?? 0);
  return sums;
}

function zeros(): Cell {
  return [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
}

/** into += u v^T */
function addProduct(into: Cell, u: Vector3, v: Vector3): void {
  for (const a of [0, 1, 2] as const) for (const b of [0, 1, 2] as const) into[a][b] += u[a] * v[b];
}

function writeBlock(values: Float64Array, pair: number, block: Cell): void {
  values.set(block[0], 9 * pair);
  values.set(block[1], 9 * pair + 3);
  values.set(block[2], 9 * pair + 6);
}
