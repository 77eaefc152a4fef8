// Against matrices whose eigenvalues are known in closed form, and the invariants of those that have none.
import { describe, expect, it } from 'vitest';
import { hermitianEigenvalues } from './hermitian-eigenvalues.ts';

type Entry = (i: number, k: number) => readonly [real: number, imaginary: number];

function matrixOf(size: number, entry: Entry) {
  const [real, imaginary] = [new Float64Array(size * size), new Float64Array(size * size)];
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k <= i; k += 1) {
      const [x, y] = entry(i, k);
      real[i * size + k] = x;
      imaginary[i * size + k] = y;
    }
  }
  return { size, real, imaginary };
}

/** Park and Miller. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
}

describe('eigenvalues of a Hermitian matrix', () => {
  it.each([1, 2, 3, 4, 31, 32, 33, 100])('of_a_ring_of_%i_with_phases_are_its_bands', (size) => {
    // Hopping -1 with a phase of 0.3 per bond: 2 - 2 cos(2 pi m / n + 0.3); the last bond closes the ring.
    const hop: Entry = (i, k) => {
      if (i === k) return [2, 0];
      const isBond = i === k + 1;
      const closes = i === size - 1 && k === 0;
      const real = (isBond ? -Math.cos(0.3) : 0) + (closes ? -Math.cos(0.3) : 0);
      const imaginary = (isBond ? -Math.sin(0.3) : 0) + (closes ? Math.sin(0.3) : 0);
      return [real, imaginary];
    };
    const expected = Array.from({ length: size }, (_, m) => 2 - 2 * Math.cos((2 * Math.PI * m) / size + 0.3));
    const found = hermitianEigenvalues(matrixOf(size, size === 1 ? () => [expected[0] ?? 0, 0] : hop));
    expected
      .sort((a, b) => a - b)
      .forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 12);
      });
  });

  it('keep_trace_and_the_trace_of_the_square', () => {
    const random = randomNumbers(7);
    const matrix = matrixOf(80, (i, k) => [random(), i === k ? 0 : random()]);
    let [trace, square] = [0, 0];
    for (let i = 0; i < 80; i += 1) {
      for (let k = 0; k <= i; k += 1) {
        const [x, y] = [matrix.real[80 * i + k] ?? 0, matrix.imaginary[80 * i + k] ?? 0];
        if (i === k) trace += x;
        square += (i === k ? 1 : 2) * (x * x + y * y);
      }
    }
    const found = [...hermitianEigenvalues(matrix)];
    expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 11);
    expect(found.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(square, 10);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  it('of_a_projector_are_one_and_zeros_however_degenerate', () => {
    const vector = Array.from(
      { length: 40 },
      (_, i) => [Math.cos(i) / Math.sqrt(40), Math.sin(i) / Math.sqrt(40)] as const,
    );
    const found = hermitianEigenvalues(
      matrixOf(40, (i, k) => {
        const [[a, b], [c, d]] = [vector[i] ?? [0, 0], vector[k] ?? [0, 0]];
        return [a * c + b * d, b * c - a * d];
      }),
    );
    found.slice(0, -1).forEach((value) => {
      expect(Math.abs(value)).toBeLessThan(1e-14);
    });
    expect(found.at(-1)).toBeCloseTo(1, 13);
  });

  it('of_an_empty_matrix_are_none_and_of_one_that_is_not_finite_an_error', () => {
    expect(hermitianEigenvalues(matrixOf(0, () => [0, 0]))).toHaveLength(0);
    expect(() => hermitianEigenvalues(matrixOf(3, () => [NaN, 0]))).toThrow(RangeError);
  });
});
