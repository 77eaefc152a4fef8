import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { volumeOf } from './cell.ts';
import { assertNoOverlaps } from './checks.ts';
import { hillFormula } from './formula.ts';
import { reduceTranslations } from './reduce-translations.ts';
import { buildSupercell } from './supercell.ts';
import { findSpaceGroup } from './symmetry.ts';
import { crystalArbitrary } from './test-structures.ts';

const TOLERANCE = 1e-3;
const repeatsArbitrary = fc.tuple(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 3 }),
);

const rockSalt: Structure = {
  cell: [
    [5.64, 0, 0],
    [0, 5.64, 0],
    [0, 0, 5.64],
  ],
  pbc: [true, true, true],
  symbols: ['Na', 'Na', 'Na', 'Na', 'Cl', 'Cl', 'Cl', 'Cl'],
  positions: [
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 1, 1],
  ].map((place) => place.map((x) => x * 2.82) as Vector3),
};

describe('what a supercell repeats', () => {
  it('is found again, whatever the cell', () => {
    fc.assert(
      fc.property(crystalArbitrary, repeatsArbitrary, (structure, repeats) => {
        const once = reduceTranslations(structure, structure.cell!, TOLERANCE);
        const supercell = buildSupercell(structure, repeats);
        const reduced = reduceTranslations(supercell, supercell.cell!, TOLERANCE);
        expect(hillFormula(reduced.symbols)).toBe(hillFormula(once.symbols));
        expect(volumeOf(reduced.cell!) / volumeOf(once.cell!)).toBeCloseTo(1, 9);
        expect(() => {
          assertNoOverlaps(reduced);
        }).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('is the structure itself once one atom differs', () => {
    const supercell = buildSupercell(rockSalt, [2, 2, 2]);
    const doped: Structure = { ...supercell, symbols: ['K', ...supercell.symbols.slice(1)] };
    expect(reduceTranslations(doped, doped.cell!, TOLERANCE)).toBe(doped);
  });

  it('gives the space group of rock salt in 1000 atoms', () => {
    const supercell = buildSupercell(rockSalt, [5, 5, 5]);
    expect(reduceTranslations(supercell, supercell.cell!, TOLERANCE).symbols.length).toBe(2);
    expect(findSpaceGroup(supercell).number).toBe(225);
  });
});
