// Chains of atoms and springs, whose frequencies are known in closed form, through the whole way from displacements to frequencies.
import { describe, expect, it } from 'vitest';
import type { Structure } from '../../contracts/structure.ts';
import { THZ_PER_SQRT_EV_A2_AMU } from '../../contracts/units.ts';
import { elementOf } from '../structures/elements.ts';
import { displacementsOf, findOrbits } from './displacements.ts';
import { buildLatticeDynamics } from './dynamical-matrix.ts';
import { buildForceConstants, imposeSumRules } from './force-constants.ts';
import { frequenciesAt } from './frequencies.ts';
import { buildPhononCells } from './phonon-cells.ts';
import { irreduciblePoints } from './q-mesh.ts';

const SPRING_EV_A2 = 3;
const SPACING_A = 2;
/** Springs act along the chain only, so that all other branches are zero. */
const N_REPEATS = 6;

/** Atoms along x, neighbors joined by one spring. */
function chain(symbols: readonly string[]): Structure {
  return {
    cell: [
      [SPACING_A * symbols.length, 0, 0],
      [0, 9, 0],
      [0, 0, 11],
    ],
    pbc: [true, true, true],
    symbols: [...symbols],
    positions: symbols.map((_, i) => [SPACING_A * i + 0.3, 0.1, 0.2]),
  };
}

function dynamicsOf(structure: Structure) {
  const cells = buildPhononCells(structure, [N_REPEATS, 1, 1]);
  const orbits = findOrbits(cells);
  const displacements = displacementsOf(cells, orbits);
  const nAtoms = cells.supercell.symbols.length;
  const rows = new Float64Array(3 * nAtoms * displacements.length);
  displacements.forEach(({ atom, direction: [x] }, k) => {
    const add = (j: number, force: number): void => {
      const at = 3 * (k * nAtoms + ((j + nAtoms) % nAtoms));
      rows[at] = (rows[at] ?? 0) + force * x;
    };
    add(atom, 2 * SPRING_EV_A2);
    add(atom - 1, -SPRING_EV_A2);
    add(atom + 1, -SPRING_EV_A2);
  });
  const matrix = buildForceConstants(cells, orbits, rows);
  imposeSumRules(cells, matrix);
  return { cells, dynamics: buildLatticeDynamics(cells, matrix) };
}

const massOf = (symbol: string): number => elementOf(symbol).mass_amu;

describe('frequencies of a chain', () => {
  it.each([0, 1 / 6, 1 / 4, 1 / 3, 0.4, 1 / 2])('of_one_kind_of_atom_at_q_%f_follow_the_sine', (q) => {
    const { dynamics } = dynamicsOf(chain(['Ar']));
    const found = frequenciesAt(dynamics, [q, 0, 0]);
    const expected = 2 * Math.sqrt(SPRING_EV_A2 / massOf('Ar')) * Math.sin(Math.PI * q) * THZ_PER_SQRT_EV_A2_AMU;
    // Rounding of an eigenvalue of zero, 1e-16, is 1e-7 as a frequency.
    expect(found[2]).toBeCloseTo(expected, 6);
    expect(Math.abs(found[1] ?? NaN)).toBeLessThan(1e-6);
  });

  it.each([0, 1 / 6, 1 / 4, 1 / 3, 1 / 2])('of_two_kinds_of_atoms_at_q_%f_are_an_acoustic_and_an_optical_one', (q) => {
    const { dynamics } = dynamicsOf(chain(['Na', 'Cl']));
    const found = frequenciesAt(dynamics, [q, 0, 0]);
    // Born and von Karman: w^2 = K (1/m + 1/M) -+ K sqrt((1/m + 1/M)^2 - 4 sin^2(pi q) / (m M))
    const [m, M] = [massOf('Na'), massOf('Cl')];
    const sum = 1 / m + 1 / M;
    const root = Math.sqrt(sum ** 2 - (4 * Math.sin(Math.PI * q) ** 2) / (m * M));
    const expected = [sum - root, sum + root].map(
      (square) => Math.sqrt(SPRING_EV_A2 * Math.max(0, square)) * THZ_PER_SQRT_EV_A2_AMU,
    );
    expect(found[4]).toBeCloseTo(expected[0] ?? NaN, 6);
    expect(found[5]).toBeCloseTo(expected[1] ?? NaN, 9);
  });

  it('of_a_doubled_cell_are_those_of_the_single_one', () => {
    const single = dynamicsOf(chain(['Ar']));
    const doubled = dynamicsOf(chain(['Ar', 'Ar']));
    expect(doubled.cells.primitive.symbols).toHaveLength(1);
    // The doubled supercell is twice as long; the springs reach neighbors only.
    const along = doubled.cells.lattice.findIndex((row) => Math.abs(row[0]) > 1);
    const q = [0, 0, 0].map((_, k) => (k === along ? 0.3 : 0)) as [number, number, number];
    expect(frequenciesAt(doubled.dynamics, q)[2]).toBeCloseTo(frequenciesAt(single.dynamics, [0.3, 0, 0])[2] ?? NaN, 9);
  });

  it('need_one_displacement_per_atom_where_the_site_has_axes_that_symmetry_tells_apart_only_by_sign', () => {
    const cells = buildPhononCells(chain(['Na', 'Cl']), [N_REPEATS, 1, 1]);
    // mmm: one direction along no axis has images that span space.
    expect(displacementsOf(cells, findOrbits(cells))).toHaveLength(2);
    // Of 6 x 2 x 2 points, plus and minus and mirrors leave 4 x 2 x 2.
    expect(irreduciblePoints(cells, [6, 2, 2])).toHaveLength(16);
  });
});
