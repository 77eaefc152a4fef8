// Structures for tests: random crystals, and structures with less in them.
import fc from 'fast-check';
import type { CellParameters, Structure, Vector3 } from '../../contracts/structure.ts';
import { cellFromParameters, multiply } from './cell.ts';
import { findOverlaps } from './checks.ts';

const component = fc.double({ min: -2, max: 3, noNaN: true, noDefaultInfinity: true });

export const cellParametersArbitrary: fc.Arbitrary<CellParameters> = fc.record({
  a: fc.double({ min: 2, max: 40, noNaN: true }),
  b: fc.double({ min: 2, max: 40, noNaN: true }),
  c: fc.double({ min: 2, max: 40, noNaN: true }),
  // Any three angles from 55 to 115 degrees whose sum stays below 345 span a volume.
  alpha: fc.double({ min: 55, max: 105, noNaN: true }),
  beta: fc.double({ min: 55, max: 105, noNaN: true }),
  gamma: fc.double({ min: 55, max: 105, noNaN: true }),
});

const rotationArbitrary = fc.tuple(component, component, component, component).filter((q) => Math.hypot(...q) > 0.1);

/** Rotate a row vector by a quaternion that need not be normalised. */
function rotate([x, y, z]: Vector3, quaternion: readonly [number, number, number, number]): Vector3 {
  const length = Math.hypot(...quaternion);
  const [w, i, j, k] = quaternion.map((q) => q / length) as [number, number, number, number];
  return multiply(
    [x, y, z],
    [
      [1 - 2 * (j * j + k * k), 2 * (i * j + k * w), 2 * (i * k - j * w)],
      [2 * (i * j - k * w), 1 - 2 * (i * i + k * k), 2 * (j * k + i * w)],
      [2 * (i * k + j * w), 2 * (j * k - i * w), 1 - 2 * (i * i + j * j)],
    ],
  );
}

const atomArbitrary = fc.tuple(fc.constantFrom('H', 'C', 'O', 'Zn', 'Zr', 'Cl'), component, component, component);

/** Periodic, any orientation, sometimes left-handed, atoms also outside the cell, no overlaps. */
export const crystalArbitrary: fc.Arbitrary<Structure> = fc
  .tuple(
    cellParametersArbitrary,
    rotationArbitrary,
    fc.array(atomArbitrary, { minLength: 1, maxLength: 6 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([parameters, quaternion, atoms, isMirrored, isCharged]): Structure => {
    const [a, b, c] = cellFromParameters(parameters).map((row) => rotate(row, quaternion)) as [
      Vector3,
      Vector3,
      Vector3,
    ];
    const cell: [Vector3, Vector3, Vector3] = isMirrored ? [b, a, c] : [a, b, c];
    return {
      cell,
      pbc: [true, true, true],
      symbols: atoms.map(([symbol]) => symbol),
      positions: atoms.map(([, x, y, z]) => multiply([x, y, z], cell)),
      labels: atoms.map(([symbol], i) => `${symbol}${i}'`),
      ...(isCharged ? { charges: atoms.map(([, x, y]) => x + y) } : {}),
    };
  })
  .filter((structure) => findOverlaps(structure).length === 0);

/** The structure as formats without labels hold it. */
export function withoutLabels({ cell, pbc, symbols, positions }: Structure): Structure {
  return { cell, pbc, symbols, positions };
}
