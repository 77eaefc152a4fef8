import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../contracts/structure.ts';
import {
  assertUsableCell,
  cellFromParameters,
  cellParameters,
  inverseOf,
  multiply,
  perpendicularWidths,
  signedVolume,
} from './cell.ts';
import { cellParametersArbitrary } from './test-structures.ts';

describe('cell', () => {
  it('gives the parameters back that it was built from', () => {
    fc.assert(
      fc.property(cellParametersArbitrary, (parameters) => {
        const again = cellParameters(cellFromParameters(parameters));
        // Ten digits: the conversion loses a few ulp through sines and square roots.
        for (const key of ['a', 'b', 'c', 'alpha', 'beta', 'gamma'] as const)
          expect(again[key]).toBeCloseTo(parameters[key], 10);
      }),
    );
  });

  it('has the volume of the closed formula', () => {
    fc.assert(
      fc.property(cellParametersArbitrary, (parameters) => {
        const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);
        const [x, y, z] = [cosine(parameters.alpha), cosine(parameters.beta), cosine(parameters.gamma)];
        const expected =
          parameters.a * parameters.b * parameters.c * Math.sqrt(1 - x * x - y * y - z * z + 2 * x * y * z);
        expect(signedVolume(cellFromParameters(parameters)) / expected).toBeCloseTo(1, 10);
      }),
    );
  });

  it('has an inverse that turns cartesian into fractional', () => {
    fc.assert(
      fc.property(cellParametersArbitrary, (parameters) => {
        const cell = cellFromParameters(parameters);
        const back = multiply(multiply([0.1, -0.7, 2.3], cell), inverseOf(cell));
        expect(back[0]).toBeCloseTo(0.1, 10);
        expect(back[1]).toBeCloseTo(-0.7, 10);
        expect(back[2]).toBeCloseTo(2.3, 10);
      }),
    );
  });

  it('is exact for the angles of the crystal systems', () => {
    expect(cellFromParameters({ a: 2, b: 2, c: 5, alpha: 90, beta: 90, gamma: 120 })).toEqual([
      [2, 0, 0],
      [-1, Math.sqrt(3), 0],
      [0, 0, 5],
    ]);
  });

  it('measures widths between faces, not vector lengths', () => {
    const sheared: Cell = [
      [10, 0, 0],
      [9, 10, 0],
      [0, 0, 3],
    ];
    expect(perpendicularWidths(sheared)[0]).toBeCloseTo(100 / Math.hypot(9, 10), 12);
    expect(perpendicularWidths(sheared)[2]).toBeCloseTo(3, 12);
  });

  it('keeps left-handed cells and tells them by the sign of the volume', () => {
    const cell: Cell = [
      [0, 3, 0],
      [3, 0, 0],
      [0, 0, 3],
    ];
    expect(signedVolume(cell)).toBe(-27);
    expect(() => {
      assertUsableCell(cell);
    }).not.toThrow();
  });

  it.each([
    ['length zero', { a: 0, b: 5, c: 5, alpha: 90, beta: 90, gamma: 90 }],
    ['negative length', { a: -5, b: 5, c: 5, alpha: 90, beta: 90, gamma: 90 }],
    ['NaN', { a: NaN, b: 5, c: 5, alpha: 90, beta: 90, gamma: 90 }],
    ['angle 180', { a: 5, b: 5, c: 5, alpha: 90, beta: 90, gamma: 180 }],
    ['angles that do not close', { a: 5, b: 5, c: 5, alpha: 120, beta: 120, gamma: 120 }],
    ['flat', { a: 5, b: 5, c: 5, alpha: 119.9999999, beta: 120, gamma: 120 }],
  ])('refuses %s with code 42205', (_what, parameters) => {
    expect(() => cellFromParameters(parameters)).toThrow(expect.objectContaining({ code: 42205, reason: 'bad_cell' }));
  });
});
