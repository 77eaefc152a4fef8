import { describe, expect, it } from 'vitest';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { multiply } from '../../structures/cell.ts';
import { rmsdFromInitial } from './displacement.ts';

const TRICLINIC: Cell = [
  [8, 0, 0],
  [2, 7, 0],
  [1, -3, 9],
];
const FRACTIONAL: Vector3[] = [
  [0.1, 0.2, 0.3],
  [0.7, -0.4, 1.2],
  [0.5, 0.5, 0.5],
];

function crystal(cell: Cell, fractional: Vector3[]): Structure {
  const positions = fractional.map((position) => multiply(position, cell));
  return { cell, pbc: [true, true, true], symbols: fractional.map(() => 'C'), positions };
}

describe('rmsdFromInitial', () => {
  it('a_pure_strain_of_the_cell_moves_no_atom', () => {
    const strained = TRICLINIC.map(([x, y, z]) => [1.1 * x + 0.2 * y, 0.9 * y, z]) as unknown as Cell;
    expect(rmsdFromInitial(crystal(TRICLINIC, FRACTIONAL), crystal(strained, FRACTIONAL))).toBeCloseTo(0, 12);
  });

  it('a_translation_of_everything_moves_no_atom', () => {
    const shifted = FRACTIONAL.map(([x, y, z]): Vector3 => [x + 0.3, y - 0.1, z + 2]);
    expect(rmsdFromInitial(crystal(TRICLINIC, FRACTIONAL), crystal(TRICLINIC, shifted))).toBeCloseTo(0, 12);
  });

  it('two_atoms_that_separate_by_2d_have_moved_d_each', () => {
    const before: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'O'],
      positions: [
        [0, 0, 0],
        [1.2, 0, 0],
      ],
    };
    const after: Structure = {
      ...before,
      positions: [
        [5, 0, 0],
        [6.4, 0, 0],
      ],
    };
    expect(rmsdFromInitial(before, after)).toBeCloseTo(0.1, 12);
  });

  it('displacements_are_measured_in_the_final_cell', () => {
    const doubled = TRICLINIC.map((row) => row.map((x) => 2 * x)) as unknown as Cell;
    const moved: Vector3[] = [[0.1 + 0.02, 0.2, 0.3], ...FRACTIONAL.slice(1)];
    // One of three atoms moves 0.02 of a 16 A vector: 0.32 A; after removing the mean the RMS is 0.32 sqrt(2) / 3.
    const rmsd = rmsdFromInitial(crystal(TRICLINIC, FRACTIONAL), crystal(doubled, moved));
    expect(rmsd).toBeCloseTo((0.32 * Math.SQRT2) / 3, 12);
  });
});
