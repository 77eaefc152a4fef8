// Operations against the structures themselves, and their number against International Tables.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { readStructure } from '../cli/read-structure.ts';
import { AtomLocator } from './atom-locator.ts';
import { dot, inverseOf, multiply } from './cell.ts';
import { findOperations } from './space-group-operations.ts';
import type { CartesianOperation } from './space-group-operations.ts';

const RESOURCES = join(import.meta.dirname, '..', '..', 'resources');

function mapsOntoItself(structure: Structure, { rotation, translation }: CartesianOperation): boolean {
  const { cell, symbols, positions } = structure;
  if (cell === null) return false;
  const locator = new AtomLocator(structure, cell, 0.005);
  const inverse = inverseOf(cell);
  return positions.every((position, i) => {
    const place = rotation.map((row, k) => dot(row, position) + (translation[k] ?? 0)) as Vector3;
    return locator.find(symbols[i] ?? '', multiply(place, inverse)) !== undefined;
  });
}

describe('operations of a crystal', () => {
  // Order of the point group; I 2 3 and R -3 tell a rotation from its transpose, which would miss its translation.
  it.each([
    ['MOF-5_primitive', 'F m -3 m', 48],
    ['MOF-5', 'F m -3 m', 48],
    ['ZIF-8', 'I 2 3', 12],
    ['Mg-MOF-74_primitive', 'R -3', 6],
  ])('of_%s_map_every_atom_onto_one_of_its_element', async (name, spaceGroup, order) => {
    const { structure } = await readStructure(name, RESOURCES);
    const symmetry = findOperations(structure, 1e-3);
    expect(symmetry.spaceGroup).toBe(spaceGroup);
    expect(symmetry.operations).toHaveLength(order);
    expect(symmetry.operations.filter((operation) => !mapsOntoItself(structure, operation))).toEqual([]);
  });

  it('of_a_conventional_cell_come_with_its_primitive_one_in_the_same_orientation', async () => {
    const { structure } = await readStructure('MOF-5', RESOURCES);
    const { primitive, lattice } = findOperations(structure, 1e-3);
    expect(primitive.symbols).toHaveLength(structure.symbols.length / 4);
    for (const row of structure.cell ?? []) {
      for (const component of multiply(row, inverseOf(lattice)))
        expect(component).toBeCloseTo(Math.round(component), 9);
    }
  });
});
