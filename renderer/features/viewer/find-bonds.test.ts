import { describe, expect, test } from 'vitest';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { covalentRadius, isMetal } from './covalent-radii.ts';
import { findBonds } from './find-bonds.ts';
import { add, toCartesian } from './lattice.ts';

function crystal(cell: Cell, sites: readonly (readonly [string, Vector3])[]): Structure {
  return {
    cell,
    pbc: [true, true, true],
    symbols: sites.map(([symbol]) => symbol),
    positions: sites.map(([, fractional]) => toCartesian(fractional, cell)),
  };
}

const cubic = (a: number): Cell => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];

/** Every pair of every image within `reach` cells: slow, and nothing to get wrong. */
function bondsByCounting(structure: Structure, reach: number): string[] {
  const { cell, positions, symbols } = structure;
  const found: string[] = [];
  const range = Array.from({ length: 2 * reach + 1 }, (_, k) => k - reach);
  positions.forEach((from, i) => {
    positions.forEach((to, j) => {
      for (const u of range)
        for (const v of range)
          for (const w of range) {
            if (i > j || (i === j && !(u > 0 || (u === 0 && (v > 0 || (v === 0 && w > 0)))))) continue;
            const image = cell === null ? to : add(to, toCartesian([u, v, w], cell));
            const distance = Math.hypot(image[0] - from[0], image[1] - from[1], image[2] - from[2]);
            const [a, b] = [symbols[i]!, symbols[j]!];
            if ((isMetal(a) && isMetal(b)) || (a === 'H' && b === 'H')) continue;
            if (distance > 0.4 && distance <= covalentRadius(a) + covalentRadius(b) + 0.3)
              found.push(`${i}-${j}:${u},${v},${w}`);
          }
    });
  });
  return found.sort();
}

function bondsFound(structure: Structure): string[] {
  return findBonds(structure)
    .map(({ i, j, shift }) => `${i}-${j}:${shift.join(',')}`)
    .sort();
}

describe('bonds through the boundary', () => {
  test('diamond_has_four_bonds_per_atom', () => {
    // Fd-3m, a = 3.567 A: eight atoms, sixteen bonds of 1.545 A.
    const sites = [
      [0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0],
      [0.25, 0.25, 0.25], [0.25, 0.75, 0.75], [0.75, 0.25, 0.75], [0.75, 0.75, 0.25],
    ].map((f) => ['C', f as Vector3] as const); // prettier-ignore
    const bonds = findBonds(crystal(cubic(3.567), sites));
    expect(bonds).toHaveLength(16);
    const coordination = sites.map((_, k) => bonds.filter(({ i, j }) => i === k || j === k).length);
    expect(coordination).toEqual([4, 4, 4, 4, 4, 4, 4, 4]);
  });

  test('an_atom_bonds_to_its_own_images_in_a_cell_thinner_than_a_bond', () => {
    // A carbon chain with one atom per 1.3 A cell.
    const chain = crystal(
      [
        [1.3, 0, 0],
        [0, 12, 0],
        [0, 0, 12],
      ],
      [['C', [0.2, 0.5, 0.5]]],
    );
    expect(bondsFound(chain)).toEqual(['0-0:1,0,0']);
  });

  test('random_triclinic_cells_agree_with_counting_all_pairs', () => {
    let state = 12345;
    const random = (): number => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state / 2147483648;
    };
    for (let k = 0; k < 12; k += 1) {
      const side = 2 + 5 * random();
      const cell: Cell = [
        [side, 0.2 * random(), 0.1],
        [side * 0.5 * random(), side * 0.9, 0.3 * random()],
        [-side * 0.4 * random(), side * 0.3 * random(), side * (0.8 + random())],
      ];
      const elements = ['C', 'O', 'H', 'Zn', 'N'];
      const sites = Array.from({ length: 9 }, (_, n) => {
        // Outside the cell on purpose: files do that.
        const f: Vector3 = [3 * random() - 1, 3 * random() - 1, 3 * random() - 1];
        return [elements[n % elements.length]!, f] as const;
      });
      const structure = crystal(cell, sites);
      expect(bondsFound(structure)).toEqual(bondsByCounting(structure, 6));
    }
  });

  test('a_molecule_without_a_cell_bonds_only_inside', () => {
    // Water, gas phase: O-H 0.9572 A, H-O-H 104.52 degrees (Benedict et al., J. Chem. Phys. 24, 1139 (1956)).
    const water: Structure = {
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'H', 'H'],
      positions: [
        [-40, 0, 0],
        [-40 + 0.9572, 0, 0],
        [-40 - 0.24, 0.9266, 0],
      ],
    };
    expect(bondsFound(water)).toEqual(['0-1:0,0,0', '0-2:0,0,0']);
  });

  test('metals_and_hydrogens_are_not_joined_among_themselves', () => {
    const sites = [
      ['Zr', [0.1, 0.5, 0.5]], ['Zr', [0.42, 0.5, 0.5]], ['H', [0.7, 0.5, 0.5]], ['H', [0.775, 0.5, 0.5]],
    ] as const; // prettier-ignore
    expect(findBonds(crystal(cubic(10), sites as never))).toEqual([]);
  });

  test('nothing_gives_nothing', () => {
    expect(findBonds({ cell: null, pbc: [false, false, false], symbols: [], positions: [] })).toEqual([]);
  });
});
