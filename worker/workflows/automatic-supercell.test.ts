import { describe, expect, it } from 'vitest';
import type { Cell, Structure } from '../../contracts/structure.ts';
import { perpendicularWidths } from '../structures/cell.ts';
import { buildSupercell } from '../structures/supercell.ts';
import { automaticWidth, repeatsOf } from './automatic-supercell.ts';
import { reachOf } from './models.ts';

/** Rhombohedral, 60 degrees: as the primitive cell of a face-centered lattice. */
const fcc = (a: number): Cell => [
  [0, a / 2, a / 2],
  [a / 2, 0, a / 2],
  [a / 2, a / 2, 0],
];

function crystal(cell: Cell | null, pbc: Structure['pbc'] = [true, true, true]): Structure {
  return { cell, pbc, symbols: ['C'], positions: [[0, 0, 0]] };
}

describe('an automatic supercell', () => {
  it('is_the_smallest_whose_every_width_reaches_what_is_asked_for', () => {
    const structure = crystal(fcc(7));
    const repeats = repeatsOf('auto', structure, 12);
    const { cell } = buildSupercell(structure, repeats);
    expect(Math.min(...perpendicularWidths(cell ?? fcc(1)))).toBeGreaterThanOrEqual(12);
    for (const k of [0, 1, 2] as const) {
      const fewer = repeats.with(k, repeats[k] - 1) as typeof repeats;
      expect(Math.min(...perpendicularWidths(buildSupercell(structure, fewer).cell ?? fcc(1)))).toBeLessThan(12);
    }
  });

  it('leaves_a_wide_cell_and_directions_without_periodicity_alone', () => {
    expect(repeatsOf('auto', crystal(fcc(40)), 12)).toEqual([1, 1, 1]);
    const slab: Cell = [
      [5, 0, 0],
      [0, 7, 0],
      [0, 0, 3],
    ];
    expect(repeatsOf('auto', crystal(slab, [true, true, false]), 12)).toEqual([3, 2, 1]);
    expect(repeatsOf('auto', crystal(null, [false, false, false]), 12)).toEqual([1, 1, 1]);
  });

  it('is_not_taken_where_the_user_has_chosen', () => {
    expect(repeatsOf([1, 1, 2], crystal(fcc(3)), 12)).toEqual([1, 1, 2]);
  });

  it('of_phonons_is_twice_as_wide_as_the_forces_reach', () => {
    expect(automaticWidth('heat-capacity', reachOf({}, { cutoff_A: 10 }))).toBe(20);
    expect(automaticWidth('bulk-modulus', reachOf({}, {}))).toBe(0);
  });
});
