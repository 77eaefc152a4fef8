import { describe, expect, test } from 'vitest';
import { monomialsOf } from './monomials.ts';

const N_HARMONICS = 4;
const N_COUPLINGS = 3;

function sequence(n: number, seed: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.sin(seed + 1.7 * i));
}

/** Every index tuple of a degree, in order. */
function tuples(degree: number): number[][] {
  if (degree === 0) return [[]];
  return tuples(degree - 1).flatMap((head) => Array.from({ length: N_HARMONICS }, (_, a) => [...head, a]));
}

describe('monomials', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 3],
    [2, 3],
    [3, 3],
  ])('degree %i with %i components: the polynomial is that of the whole tensor', (degree, n_components) => {
    const shape = [
      ...(n_components === 1 ? [] : [n_components]),
      ...Array<number>(degree).fill(N_HARMONICS),
      N_COUPLINGS,
    ];
    const values = Float64Array.from(sequence(n_components * N_HARMONICS ** degree * N_COUPLINGS, degree));
    const x = sequence(N_HARMONICS, 40);
    const { index, coupling } = monomialsOf({ shape, values }, degree, n_components, 'U');
    for (let component = 0; component < n_components; component += 1) {
      for (let k = 0; k < N_COUPLINGS; k += 1) {
        let whole = 0;
        tuples(degree).forEach((tuple, i) => {
          const u = values[(component * N_HARMONICS ** degree + i) * N_COUPLINGS + k]!;
          whole += tuple.reduce((product, a) => product * x[a]!, u);
        });
        let ours = 0;
        for (let row = 0; row < index.shape[0]!; row += 1) {
          const [m, ...indices] = index.values.subarray(row * (degree + 1), (row + 1) * (degree + 1));
          if (m !== component) continue;
          ours += indices.reduce((product, a) => product * x[a]!, coupling.values[row * N_COUPLINGS + k]!);
        }
        // Some ten terms of order one, rounded in another order.
        expect(Math.abs(ours - whole)).toBeLessThan(1e-13);
      }
    }
  });

  test('rows are sorted by component, then by ascending indices', () => {
    const values = new Float64Array(3 * N_HARMONICS ** 2).fill(1);
    const { index } = monomialsOf({ shape: [3, N_HARMONICS, N_HARMONICS, 1], values }, 2, 3, 'U');
    const rows = Array.from({ length: index.shape[0]! }, (_, row) => [...index.values.subarray(row * 3, row * 3 + 3)]);
    expect(rows.slice(0, 5)).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
      [0, 0, 3],
      [0, 1, 1],
    ]);
    expect(rows).toHaveLength(3 * 10);
    expect(rows.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!)).toEqual(rows);
  });

  test.each([
    ['64 bits', Float64Array, 1e-13, 1e-11],
    ['32 bits', Float32Array, 1e-7, 1e-5],
  ])('what is rounding in %s is left out, what is not stays', (_, Floats, noise, small) => {
    // Two components of one feature product: (0, 1) cancels with (1, 0) but for `rest`.
    const withRest = (rest: number) => {
      const u = new Floats(4);
      u.set([1, 0.5 + rest, -0.5, 0]);
      return monomialsOf({ shape: [2, 2, 1], values: u }, 2, 1, 'U');
    };
    expect([...withRest(noise).index.values]).toEqual([0, 0, 0]);
    expect([...withRest(small).index.values]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test('permutations are added in ascending order, in double precision, and not rounded', () => {
    const u = new Float32Array(27);
    // Permutations of (0, 1, 2): flat 5, 7, 11, 15, 19, 21.
    [5, 7, 11, 15, 19, 21].forEach((place, i) => (u[place] = 0.1 * (i + 1) + 1e-7 * i));
    const sum = [5, 7, 11, 15, 19, 21].reduce((total, place) => total + u[place]!, 0);
    const { coupling } = monomialsOf({ shape: [3, 3, 3, 1], values: u }, 3, 1, 'U');
    expect([...coupling.values]).toEqual([sum]);
  });

  test('no coupling at all is no row', () => {
    const { index, coupling } = monomialsOf({ shape: [3, 4, 1], values: new Float64Array(12) }, 1, 3, 'U');
    expect([index.shape, coupling.shape]).toEqual([
      [0, 2],
      [0, 1],
    ]);
  });

  test('a tensor of another shape is refused by its name', () => {
    const u = { shape: [4, 3, 2], values: new Float64Array(24) };
    expect(() => monomialsOf(u, 2, 1, 'U_matrix_2')).toThrow(expect.objectContaining({ code: 42206 }));
  });
});
