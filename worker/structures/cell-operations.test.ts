import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { readStructure } from '../cli/read-structure.ts';
import { findCellOperations } from './cell-operations.ts';
import { dot, inverseOf, multiply, norm, subtract } from './cell.ts';
import { buildSupercell } from './supercell.ts';
import { symmetrize } from './symmetrize.ts';

const RESOURCES = join(import.meta.dirname, '..', '..', 'resources');

async function symmetric(name: string, repeats: [number, number, number]) {
  const { structure } = await readStructure(name, RESOURCES);
  return symmetrize(buildSupercell(structure, repeats)).structure;
}

describe('operations of a cell', () => {
  it.each([
    ['MOF-5_primitive', [1, 1, 1], 48],
    // Centring translations, or those of the copies, come on top of what the primitive cell has.
    ['HKUST-1', [1, 1, 1], 48],
    ['MOF-5_primitive', [2, 2, 2], 48],
    // Of the 48 only those that leave the long direction as it is.
    ['LTA', [1, 1, 2], null],
    ['ZIF-8_primitive', [1, 1, 1], 12],
  ] as const)('%s %j: each_brings_every_atom_to_the_place_of_its_image', async (name, repeats, nRotations) => {
    const structure = await symmetric(name, [...repeats]);
    const operations = findCellOperations(structure);
    const cell = structure.cell!;
    const fractional = structure.positions.map((position) => multiply(position, inverseOf(cell)));
    let largestMiss = 0;
    for (const { rotation, permutation } of operations) {
      expect(new Set(permutation).size).toBe(structure.symbols.length);
      expect([...permutation].every((to, i) => structure.symbols[to] === structure.symbols[i])).toBe(true);
      const misses = fractional.map((f, i): Vector3 => {
        const image = rotation.map((row) => dot(row, f)) as Vector3;
        return subtract(image, fractional[permutation[i]!]!);
      });
      // All are off by one and the same translation.
      for (const miss of misses) largestMiss = Math.max(largestMiss, distance(subtract(miss, misses[0]!), cell));
    }
    expect(largestMiss).toBeLessThan(1e-8);
    const rotations = new Set(operations.map(({ rotation }) => JSON.stringify(rotation)));
    if (nRotations === null) expect(rotations.size).toBeLessThan(48);
    else expect(rotations.size).toBe(nRotations);
  });
});

/** To the nearest lattice point, A. */
function distance(difference: Vector3, cell: Cell): number {
  const wrap = (x: number): number => x - Math.round(x);
  return norm(multiply([wrap(difference[0]), wrap(difference[1]), wrap(difference[2])], cell));
}
