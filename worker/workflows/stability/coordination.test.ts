import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Structure } from '../../../contracts/structure.ts';
import { findBonds } from '../../structures/bonds.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { metalCoordination } from './coordination.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..', '..');
const STRUCTURES = join(REPOSITORY, 'resources', 'structures');
/** See bench/validation/coordination-crystalnn.py. */
const CRYSTAL_NN = join(REPOSITORY, 'bench', 'validation', 'coordination-crystalnn.json');
const referenceSchema = z.object({
  structures: z.array(z.object({ name: z.string(), element: z.string(), coordination: z.number() })),
});

function builtIn(name: string): Structure {
  const path = join(STRUCTURES, `${name}.cif`);
  return parseStructure(readFileSync(path), path)[0].structure;
}

describe('coordination numbers of metals', () => {
  // Chemistry: zinc is tetrahedral in Zn4O(CO2)6 and in ZIF-8; copper of an empty paddle wheel has four oxygen atoms, its partner is no ligand; metals of
  // an empty MOF-74 have five, vanadium in its chains six, zirconium of Zr6O4(OH)4(CO2)12 eight.
  it.each([
    ['MOF-5_primitive', 'Zn', 4],
    ['IRMOF-10_primitive', 'Zn', 4],
    ['ZIF-8_primitive', 'Zn', 4],
    ['HKUST-1_primitive', 'Cu', 4],
    ['Mg-MOF-74_primitive', 'Mg', 5],
    ['Zn-MOF-74_primitive', 'Zn', 5],
    ['MIL-47', 'V', 6],
    ['UiO-66_primitive', 'Zr', 8],
    ['UiO-67_primitive', 'Zr', 8],
  ])('%s: %s has %i', (name, element, expected) => {
    const structure = builtIn(name);
    expect(metalCoordination(structure, findBonds(structure))).toEqual([
      { element, n_atoms: structure.symbols.filter((symbol) => symbol === element).length, coordination: expected },
    ]);
  });

  it('leave_out_what_only_leans_towards_the_metal', () => {
    // Zr with the hydrogen of its hydroxide, a chelating carboxylate with its carbon, and a carbon that is a ligand.
    const symbols = ['Zr', 'O', 'H', 'O', 'O', 'C', 'C'];
    const bonds = [
      [0, 1],
      [1, 2],
      [0, 2],
      [0, 3],
      [0, 4],
      [3, 5],
      [4, 5],
      [0, 5],
      [0, 6],
    ].map(([i = 0, j = 0]) => ({ i, j }));
    expect(metalCoordination({ symbols }, bonds)).toEqual([{ element: 'Zr', n_atoms: 1, coordination: 4 }]);
    // A hydride has no other partner.
    expect(
      metalCoordination({ symbols: ['Zr', 'H', 'Zr'] }, [
        { i: 0, j: 1 },
        { i: 1, j: 2 },
      ]),
    ).toEqual([{ element: 'Zr', n_atoms: 2, coordination: 1 }]);
  });

  it('lie_within_one_of_those_of_crystalnn_which_counts_in_parts', () => {
    const { structures } = referenceSchema.parse(JSON.parse(readFileSync(CRYSTAL_NN, 'utf8')));
    expect(structures).toHaveLength(9);
    for (const { name, element, coordination } of structures) {
      const structure = builtIn(name);
      const [ours] = metalCoordination(structure, findBonds(structure));
      expect(ours?.element).toBe(element);
      expect(Math.abs((ours?.coordination ?? 0) - coordination)).toBeLessThan(1);
    }
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
