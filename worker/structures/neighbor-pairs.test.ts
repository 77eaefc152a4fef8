import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { multiply, norm, perpendicularWidths, subtract } from './cell.ts';
import { minimumImageDistance } from './minimum-image.ts';
import { visitNeighborPairs } from './neighbor-pairs.ts';
import { buildSupercell, wrapIntoCell } from './supercell.ts';
import { crystalArbitrary } from './test-structures.ts';

/** Every pair by looping over all images that can matter. */
function pairsByLoops(structure: Structure, cutoff: number): number[] {
  const { cell, positions, pbc } = structure;
  const wrapped = cell === null ? positions : wrapIntoCell(structure).positions;
  const reach =
    cell === null
      ? [0, 0, 0]
      : perpendicularWidths(cell).map((width, k) => (pbc[k] === true ? Math.ceil(cutoff / width) + 1 : 0));
  const distances: number[] = [];
  for (let i = -reach[0]!; i <= reach[0]!; i += 1) {
    for (let j = -reach[1]!; j <= reach[1]!; j += 1) {
      for (let k = -reach[2]!; k <= reach[2]!; k += 1) {
        const offset: Vector3 = cell === null ? [0, 0, 0] : multiply([i, j, k], cell);
        for (const [p, from] of wrapped.entries()) {
          for (const [q, to] of wrapped.entries()) {
            if (p === q && i === 0 && j === 0 && k === 0) continue;
            const distance = norm(subtract([to[0] + offset[0], to[1] + offset[1], to[2] + offset[2]], from));
            if (distance < cutoff) distances.push(distance);
          }
        }
      }
    }
  }
  // Each unordered pair was met from both ends.
  return distances.sort((a, b) => a - b).filter((_distance, index) => index % 2 === 0);
}

function pairsByBins(structure: Structure, cutoff: number): number[] {
  const distances: number[] = [];
  visitNeighborPairs(structure, cutoff, ({ distance }) => distances.push(distance) > 0);
  return distances.sort((a, b) => a - b);
}

describe('neighbor pairs', () => {
  const expectSame = (structure: Structure, cutoff: number): void => {
    // Rounding decides about a pair at the cutoff itself, so the last 1e-9 A do not count.
    const isInside = (distance: number): boolean => distance < cutoff - 1e-9;
    const found = pairsByBins(structure, cutoff).filter(isInside);
    const expected = pairsByLoops(structure, cutoff).filter(isInside);
    expect(found.length).toBe(expected.length);
    for (const [i, distance] of found.entries()) expect(distance).toBeCloseTo(expected[i]!, 9);
  };

  it('are complete in any cell, also one smaller than the cutoff', () => {
    fc.assert(
      fc.property(crystalArbitrary, (structure) => {
        expectSame(structure, 6);
      }),
      { numRuns: 60 },
    );
  });

  it('are complete in a supercell with many bins', () => {
    fc.assert(
      fc.property(crystalArbitrary, (structure) => {
        const supercell = buildSupercell(
          structure,
          perpendicularWidths(structure.cell!).map((width) => Math.ceil(12 / width)) as Vector3,
        );
        if (supercell.symbols.length <= 400) expectSame(supercell, 3);
      }),
      { numRuns: 40 },
    );
  });

  it('are complete for molecules and slabs', () => {
    fc.assert(
      fc.property(crystalArbitrary, fc.constantFrom([true, true, false], [false, true, false]), (structure, pbc) => {
        const slab: Structure = { ...structure, pbc: pbc as Structure['pbc'] };
        expectSame(slab, 5);
        const molecule: Structure = { ...structure, cell: null, pbc: [false, false, false] };
        expectSame(molecule, 8);
      }),
      { numRuns: 40 },
    );
  });
});

describe('minimum image', () => {
  it('is the shortest of all images', () => {
    fc.assert(
      fc.property(crystalArbitrary, (structure) => {
        if (structure.symbols.length < 2) return;
        const [first, second] = [structure.positions[0]!, structure.positions[1]!];
        const pair: Structure = { ...structure, symbols: ['C', 'C'], positions: [first, second], labels: ['a', 'b'] };
        const distance = minimumImageDistance(pair, 0, 1);
        const nearest: number[] = [];
        visitNeighborPairs(pair, distance + 1e-6, ({ i, j, distance: found }) =>
          i !== j ? nearest.push(found) > 0 : true,
        );
        expect(Math.min(...nearest)).toBeCloseTo(distance, 9);
      }),
      { numRuns: 60 },
    );
  });
});

describe('supercell', () => {
  const structure: Structure = {
    cell: [
      [2, 0, 0],
      [0, 3, 0],
      [0, 0, 4],
    ],
    pbc: [true, true, true],
    symbols: ['C', 'O'],
    positions: [
      [0, 0, 0],
      [1, 1, 1],
    ],
    labels: ['C1', 'O1'],
  };

  it('has image (0,0,0) first and c fastest', () => {
    const supercell = buildSupercell(structure, [2, 1, 2]);
    expect(supercell.cell).toEqual([
      [4, 0, 0],
      [0, 3, 0],
      [0, 0, 8],
    ]);
    expect(supercell.symbols.join('')).toBe('COCOCOCO');
    expect(supercell.positions).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [0, 0, 4],
      [1, 1, 5],
      [2, 0, 0],
      [3, 1, 1],
      [2, 0, 4],
      [3, 1, 5],
    ]);
  });

  it.each([[[0, 1, 1]], [[1.5, 1, 1]], [[NaN, 1, 1]], [[-1, 1, 1]]])('refuses the repeats %j', (repeats) => {
    expect(() => buildSupercell(structure, repeats as Vector3)).toThrow(
      expect.objectContaining({ reason: 'bad_repeats' }),
    );
  });

  it('refuses more atoms than allowed before building them', () => {
    expect(() => buildSupercell(structure, [1e5, 1e5, 1])).toThrow(
      expect.objectContaining({ reason: 'too_many_atoms' }),
    );
  });
});
