// The couplings U of mace-torch's symmetric contraction as polynomials: one row per distinct monomial.
// Batatia et al., NeurIPS 35, 11423 (2022), eqs. 10-11; the order of every sum is told in docs/mace-model.md.
import { assertConsistent } from './refusal.ts';
import type { FloatTensor } from './weights.ts';

export interface Monomials {
  /** [n][1 + degree]: component, then ascending harmonics indices. */
  readonly index: { readonly shape: readonly number[]; readonly values: Int32Array<ArrayBuffer> };
  /** [n][n_couplings] */
  readonly coupling: FloatTensor;
}

/** Of the largest entry: what is below is rounding. */
const TOLERANCE = { 8: 1e-12, 4: 1e-6 } as const;

/**
 * @param u [n_harmonics] (degree times) [n_couplings]; for L > 0 with [2L + 1] in front
 * @param n_components 2L + 1
 */
export function monomialsOf(u: FloatTensor, degree: number, n_components: number, name: string): Monomials {
  const { n_harmonics, n_couplings } = checkedShape(u, degree, n_components, name);
  let largest = 0;
  for (const value of u.values) largest = Math.max(largest, Math.abs(value));
  const threshold = largest * TOLERANCE[u.values.BYTES_PER_ELEMENT === 8 ? 8 : 4];
  const n_per_component = n_harmonics ** degree * n_couplings;
  const tuples = [...ascendingTuples(n_harmonics, degree)].map((indices) => ({
    indices,
    // Where the entries of each distinct permutation begin.
    offsets: [...permutations(indices)].map(
      (tuple) => n_couplings * tuple.reduce((flat, a) => flat * n_harmonics + a, 0),
    ),
  }));

  const rows: { component: number; indices: readonly number[]; sums: Float64Array }[] = [];
  for (let component = 0; component < n_components; component += 1) {
    for (const { indices, offsets } of tuples) {
      const sums = new Float64Array(n_couplings);
      for (const offset of offsets) {
        const start = component * n_per_component + offset;
        for (let k = 0; k < n_couplings; k += 1) sums[k] = (sums[k] ?? 0) + (u.values[start + k] ?? 0);
      }
      if (sums.some((sum) => Math.abs(sum) > threshold)) rows.push({ component, indices, sums });
    }
  }

  const index = new Int32Array(rows.length * (1 + degree));
  const coupling = new Float64Array(rows.length * n_couplings);
  rows.forEach(({ component, indices, sums }, row) => {
    index.set([component, ...indices], row * (1 + degree));
    coupling.set(sums, row * n_couplings);
  });
  return {
    index: { shape: [rows.length, 1 + degree], values: index },
    coupling: { shape: [rows.length, n_couplings], values: coupling },
  };
}

function checkedShape(
  { shape }: FloatTensor,
  degree: number,
  n_components: number,
  name: string,
): { n_harmonics: number; n_couplings: number } {
  const inner = n_components === 1 ? shape : shape.slice(1);
  const [n_harmonics = 0] = inner;
  const n_couplings = inner.at(-1) ?? 0;
  const isRight =
    inner.length === degree + 1 &&
    inner.slice(0, degree).every((size) => size === n_harmonics) &&
    (n_components === 1 || shape[0] === n_components);
  assertConsistent(isRight, `${name} has the shape ${shape.join(' x ')}, which is no coupling of ${degree} features.`);
  return { n_harmonics, n_couplings };
}

function* ascendingTuples(n: number, length: number, from = 0): Generator<number[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (let first = from; first < n; first += 1) {
    for (const rest of ascendingTuples(n, length - 1, first)) yield [first, ...rest];
  }
}

/** Distinct ones of an ascending tuple, in ascending order. */
function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) {
    yield [];
    return;
  }
  for (const [i, first] of items.entries()) {
    if (first === items[i - 1]) continue;
    for (const rest of permutations(items.filter((_, j) => j !== i))) yield [first, ...rest];
  }
}
