import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { readStructure } from '../cli/read-structure.ts';
import { cellParameters, norm, subtract } from './cell.ts';
import { buildSupercell } from './supercell.ts';
import { findSpaceGroup } from './symmetry.ts';
import { symmetrize } from './symmetrize.ts';

const RESOURCES = join(import.meta.dirname, '..', '..', 'resources');

/** The same numbers every time: sines of multiples of large primes. */
function rattled(structure: Structure, amplitude: number): Structure {
  const noise = (i: number, k: number): number => (amplitude * Math.sin(7919 * (3 * i + k + 1))) / Math.sqrt(3);
  const shift = ([x, y, z]: Vector3, i: number): Vector3 => [x + noise(i, 0), y + noise(i, 1), z + noise(i, 2)];
  const cell = structure.cell?.map((row, i) => shift(row, 1000 + i)) as unknown as Cell;
  return { ...structure, cell, positions: structure.positions.map(shift) };
}

describe('symmetrize', () => {
  it.each([
    ['MOF-5_primitive', 225, [1, 1, 1]],
    ['Mg-MOF-74_primitive', 148, [1, 1, 1]],
    ['ZIF-8', 197, [1, 1, 1]],
    ['MOF-5_primitive', 225, [2, 1, 1]],
  ] as const)('a_rattled_%s_has_its_group_%i_exactly_again, %j', async (name, number, repeats) => {
    const { structure: exact } = await readStructure(name, RESOURCES);
    const start = rattled(buildSupercell(exact, [...repeats]), 0.002);
    expect(findSpaceGroup(start, 1e-6).number).not.toBe(number);
    const { structure, largest_shift_A } = symmetrize(start);
    // Rounding of positions of some ten A, through a hundred operations.
    expect(findSpaceGroup(structure, 1e-6).number).toBe(number);
    expect(largest_shift_A).toBeLessThan(0.01);
    structure.positions.forEach((position, i) => {
      expect(norm(subtract(position, start.positions[i]!))).toBeLessThan(0.02);
    });
  });

  it('a_nearly_cubic_cell_becomes_cubic_in_its_orientation', () => {
    const crystal: Structure = {
      cell: [
        [5.001, 0.002, 0],
        [0, 4.999, 0.001],
        [0, 0, 5.0005],
      ],
      pbc: [true, true, true],
      symbols: ['Ar'],
      positions: [[0, 0, 0]],
    };
    const { structure } = symmetrize(crystal);
    const { a, b, c, alpha, beta, gamma } = cellParameters(structure.cell!);
    for (const length of [b, c]) expect(length).toBeCloseTo(a, 12);
    for (const angle of [alpha, beta, gamma]) expect(angle).toBeCloseTo(90, 10);
    structure.cell!.forEach((row, i) => {
      expect(norm(subtract(row, crystal.cell![i]!))).toBeLessThan(0.004);
    });
  });

  it('what_is_symmetric_stays_where_it_is', async () => {
    const { structure } = await readStructure('HKUST-1_primitive', RESOURCES);
    const once = symmetrize(structure).structure;
    const twice = symmetrize(once);
    expect(twice.largest_shift_A).toBeLessThan(1e-9);
  });
});
