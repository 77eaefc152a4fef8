import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Structure, StructureFormat } from '../../contracts/structure.ts';
import { parseStructure } from './parse-structure.ts';
import { StructureError } from './structure-error.ts';
import { crystalArbitrary, withoutLabels } from './test-structures.ts';
import { writeStructure } from './write-structure.ts';

function writeAndRead(structure: Structure, format: StructureFormat): Structure {
  return parseStructure(Buffer.from(writeStructure(structure, format, 'round trip')), `file.${format}`)[0].structure;
}

describe('parse(write(s)) equals s bit for bit', () => {
  it.each(['cif', 'xyz'] as const)('%s, labels included', (format) => {
    fc.assert(
      fc.property(crystalArbitrary, (structure) => {
        expect(writeAndRead(structure, format)).toEqual(structure);
      }),
    );
  });

  it('poscar, which has no labels', () => {
    fc.assert(
      fc.property(crystalArbitrary, (labelled) => {
        const structure = withoutLabels(labelled);
        expect(writeAndRead(structure, 'poscar')).toEqual(structure);
      }),
    );
  });

  it('xyz of a molecule without a cell, negative zero kept', () => {
    const water: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'H', 'H'],
      positions: [
        [-0, 0, 0.1173],
        [0, 0.7572, -0.4692],
        [1e-17, -0.7572, -0.4692],
      ],
    };
    expect(writeAndRead(water, 'xyz')).toEqual(water);
  });

  it('xyz of a slab that is periodic along two vectors', () => {
    const slab: Structure = {
      cell: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 20],
      ],
      pbc: [true, true, false],
      symbols: ['Au'],
      positions: [[0.1, 0.2, 25]],
    };
    expect(writeAndRead(slab, 'xyz')).toEqual(slab);
    for (const format of ['cif', 'poscar'] as const)
      expect(() => writeStructure(slab, format, 'slab')).toThrow(StructureError);
  });
});

describe('a CIF edited by hand', () => {
  const structure: Structure = {
    cell: [
      [0, 5, 0],
      [-5, 0, 0],
      [0, 0, 5],
    ],
    pbc: [true, true, true],
    symbols: ['C'],
    positions: [[1, 1, 1]],
    labels: ['C1'],
  };

  it('is read by its standard items once they contradict the exact ones', () => {
    const edited = writeStructure(structure, 'cif', 'edited').replace('_cell_length_a 5', '_cell_length_a 6');
    const [parsed] = parseStructure(Buffer.from(edited), 'edited.cif');
    expect(parsed.structure.cell?.[0]).toEqual([6, 0, 0]);
    expect(parsed.warnings).toEqual([
      'The _mofsimbench_ items contradict the cell or the fractional coordinates and were ignored.',
    ]);
  });
});
