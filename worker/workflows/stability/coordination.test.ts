import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Structure } from '../../../contracts/structure.ts';
import { findBonds } from '../../structures/bonds.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { metalCoordination } from './coordination.ts';

const STRUCTURES = resolve(import.meta.dirname, '..', '..', '..', 'resources', 'structures');

function builtIn(name: string): Structure {
  const path = join(STRUCTURES, `${name}.cif`);
  return parseStructure(readFileSync(path), path)[0].structure;
}

describe('coordination numbers of metals', () => {
  // Chemistry: zinc is tetrahedral in Zn4O(CO2)6; copper of an empty paddle wheel has four oxygen atoms, its partner is no ligand.
  it.each([
    ['MOF-5_primitive', 'Zn', 4],
    ['HKUST-1_primitive', 'Cu', 4],
    ['UiO-66_primitive', 'Zr', 8],
  ])('%s: %s has %i', (name, element, expected) => {
    const structure = builtIn(name);
    expect(metalCoordination(structure, findBonds(structure))).toEqual([
      { element, n_atoms: structure.symbols.filter((symbol) => symbol === element).length, coordination: expected },
    ]);
  });

  it('are_empty_without_metals', () => {
    const structure: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'H'],
      positions: [
        [0, 0, 0],
        [0.97, 0, 0],
      ],
    };
    expect(metalCoordination(structure, findBonds(structure))).toEqual([]);
  });
});
