import { describe, expect, it } from 'vitest';
import { structureSummarySchema } from '../../contracts/structure.ts';
import type { Structure } from '../../contracts/structure.ts';
import { inspectStructure } from './inspect-structure.ts';
import { buildSupercell } from './supercell.ts';
import { buildConventional, buildPrimitive, findSpaceGroup } from './symmetry.ts';

const A = 3.567;
/** Conventional cell of diamond, 8 atoms. */
const diamond: Structure = {
  cell: [
    [A, 0, 0],
    [0, A, 0],
    [0, 0, A],
  ],
  pbc: [true, true, true],
  symbols: new Array<string>(8).fill('C'),
  positions: [
    [0, 0, 0],
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
    [1, 1, 1],
    [1, 3, 3],
    [3, 1, 3],
    [3, 3, 1],
  ].map(([x, y, z]) => [(x! * A) / 4, (y! * A) / 4, (z! * A) / 4] as [number, number, number]),
};

describe('summary', () => {
  it('of diamond', () => {
    const summary = inspectStructure(diamond);
    expect(structureSummarySchema.parse(summary)).toMatchObject({
      n_atoms: 8,
      formula: 'C8',
      elements: ['C'],
      space_group: 'F d -3 m',
      space_group_number: 227,
      warnings: [],
    });
    // 8 * 12.011 amu in 3.567^3 A^3; CRC Handbook of Chemistry and Physics: 3.51 to 3.53 g/cm^3.
    expect(summary.density_g_cm3).toBeCloseTo(3.516, 3);
    expect(summary.volume_A3).toBeCloseTo(A ** 3, 10);
    expect(summary.smallest_perpendicular_width_A).toBeCloseTo(A, 12);
  });

  it('names molecules that are not bonded to the framework', () => {
    const [a, b, c] = [10, 10, 10];
    const chain: Structure = {
      cell: [
        [a, 0, 0],
        [0, b, 0],
        [0, 0, c],
      ],
      pbc: [true, true, true],
      // A carbon chain along x, and one water molecule that lies across the boundary.
      symbols: [...new Array<string>(7).fill('C'), 'O', 'H', 'H'],
      positions: [
        ...Array.from({ length: 7 }, (_, i): [number, number, number] => [(i * a) / 7, 5, 5]),
        [5, 0, 9.9],
        [5.76, 0, 10.4],
        [4.24, 0, 0.4],
      ],
    };
    expect(inspectStructure(chain).warnings).toEqual([
      'Molecules that are not bonded to the framework: 1 H2O. They are kept; remove them if they are solvent.',
    ]);
  });

  it('of a molecule has no cell and no space group', () => {
    const molecule: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['H', 'O', 'H'],
      positions: [
        [0, 0, 0],
        [0.96, 0, 0],
        [1.2, 0.93, 0],
      ],
    };
    expect(inspectStructure(molecule)).toMatchObject({
      formula: 'H2O',
      cell_parameters: null,
      volume_A3: null,
      space_group: null,
      warnings: [],
    });
  });

  it('tells left-handed cells', () => {
    const [a, b, c] = diamond.cell!;
    expect(inspectStructure({ ...diamond, cell: [b, a, c] }).warnings.join()).toMatch(/left-handed/);
  });
});

describe('symmetry', () => {
  it('finds the primitive and the conventional cell again', () => {
    const primitive = buildPrimitive(diamond);
    expect(primitive.symbols.length).toBe(2);
    expect(findSpaceGroup(primitive).number).toBe(227);
    expect(buildConventional(primitive).symbols.length).toBe(8);
  });

  it('of a supercell is that of the crystal', () => {
    const supercell = buildSupercell(diamond, [2, 1, 3]);
    expect(findSpaceGroup(supercell)).toMatchObject({ number: 227, symbol: 'F d -3 m' });
    expect(buildPrimitive(supercell).symbols.length).toBe(2);
  });

  it('needs a periodic cell', () => {
    expect(() => findSpaceGroup({ ...diamond, cell: null, pbc: [false, false, false] })).toThrow(
      expect.objectContaining({ code: 42205 }),
    );
  });
});
