import { describe, expect, it } from 'vitest';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { multiply, volumeOf } from '../../structures/cell.ts';
import { buildSupercell } from '../../structures/supercell.ts';
import { RadialDistribution } from './radial-distribution.ts';

const TRICLINIC: Cell = [
  [15, 0, 0],
  [2, 14, 0],
  [-3, 4, 16],
];

/** Park and Miller's generator: any is good enough here, and this one gives the same atoms everywhere. */
function* uniform(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (16807 * state) % 2147483647;
    yield state / 2147483647;
  }
}

function idealGas(nAtoms: number, random: Generator<number, never>): Structure {
  const draw = (): Vector3 => [random.next().value, random.next().value, random.next().value];
  const positions = Array.from({ length: nAtoms }, () => multiply(draw(), TRICLINIC));
  return {
    cell: TRICLINIC,
    pbc: [true, true, true],
    symbols: positions.map((_, i) => (i % 2 ? 'Ar' : 'Ne')),
    positions,
  };
}

/** n(r): neighbors of an atom up to r, from g. */
function neighborsUpTo(limit: number, density: number, distances: readonly number[], g: readonly number[]): number {
  const shell = (r: number) => ((4 * Math.PI) / 3) * ((r + 0.025) ** 3 - (r - 0.025) ** 3);
  return distances.reduce((sum, r, k) => (r < limit ? sum + density * (g[k] ?? 0) * shell(r) : sum), 0);
}

describe('a radial distribution', () => {
  it('of_an_ideal_gas_is_one', () => {
    const random = uniform(7);
    const nAtoms = 200;
    const gas = idealGas(nAtoms, random);
    const radial = new RadialDistribution(gas);
    for (let frame = 0; frame < 40; frame += 1) radial.add(idealGas(nAtoms, random));
    for (const { pair, distances_A, g } of radial.result()) {
      const isSame = pair[0] === pair[1];
      const nOfKind = pair[0] === 'all' ? nAtoms : nAtoms / 2;
      const expected = isSame ? 1 - 1 / nOfKind : 1;
      for (const [k, r] of distances_A.entries()) {
        if (r < 2) continue;
        // Counts of independent pairs are Poisson, and each counts from both its ends in g of one kind; five standard deviations.
        const counted = (40 * nOfKind ** 2 * 4 * Math.PI * r ** 2 * 0.05) / volumeOf(TRICLINIC);
        expect(Math.abs((g[k] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt((isSame ? 2 : 1) / counted));
      }
    }
  });

  it('of_a_face_centered_crystal_has_12_6_and_24_neighbors', () => {
    const a = 4.05;
    const cubic: Structure = {
      cell: [
        [a, 0, 0],
        [0, a, 0],
        [0, 0, a],
      ],
      pbc: [true, true, true],
      symbols: ['Al', 'Al', 'Al', 'Al'],
      positions: [
        [0, 0, 0],
        [0, a / 2, a / 2],
        [a / 2, 0, a / 2],
        [a / 2, a / 2, 0],
      ],
    };
    const crystal = buildSupercell(cubic, [4, 4, 4]);
    const radial = new RadialDistribution(crystal);
    radial.add(crystal);
    const [{ distances_A, g } = { distances_A: [], g: [] }] = radial.result();
    const n = (limit: number) => neighborsUpTo(limit, 4 / a ** 3, distances_A, g);
    const shells = [a / Math.SQRT2, a, a * Math.sqrt(1.5)];
    expect(n(shells[0]! - 0.1)).toBe(0);
    expect(n(shells[0]! + 0.1)).toBeCloseTo(12, 9);
    expect(n(shells[1]! + 0.1)).toBeCloseTo(18, 9);
    expect(n(shells[2]! + 0.1)).toBeCloseTo(42, 9);
  });

  it('names_metals_first_and_stops_at_twelve_pairs', () => {
    const symbols = ['H', 'C', 'O', 'N', 'Zn', 'Cl'];
    const positions = symbols.map((_, i): Vector3 => [2 * i, 2 * i, 2 * i]);
    const structure: Structure = { cell: TRICLINIC, pbc: [true, true, true], symbols, positions };
    const radial = new RadialDistribution(structure);
    radial.add(structure);
    const pairs = radial.result().map(({ pair }) => pair.join('-'));
    expect(pairs).toHaveLength(13);
    expect(pairs.slice(0, 7)).toEqual(['all-all', 'Zn-C', 'Zn-Cl', 'Zn-N', 'Zn-O', 'Zn-Zn', 'Zn-H']);
  });

  it('is_not_defined_without_three_periodic_axes', () => {
    const molecule: Structure = { cell: null, pbc: [false, false, false], symbols: ['C'], positions: [[0, 0, 0]] };
    const radial = new RadialDistribution(molecule);
    radial.add(molecule);
    expect(radial.result()).toEqual([]);
  });
});
