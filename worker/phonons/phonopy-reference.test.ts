// Against phonopy with the same force constants: everything from the displacements to the sums over modes.
import { describe, expect, it } from 'vitest';
import { displacementsOf, findOrbits } from './displacements.ts';
import { buildLatticeDynamics } from './dynamical-matrix.ts';
import { acousticSumError, buildForceConstants, imposeSumRules } from './force-constants.ts';
import { meshFrequencies } from './mesh-frequencies.ts';
import { countModes } from './modes.ts';
import { buildPhononCells } from './phonon-cells.ts';
import { irreduciblePoints, meshOf } from './q-mesh.ts';
import { referenceCrystal, respond } from './test-data/phonopy-reference.ts';
import { thermodynamicsAt } from './thermodynamics.ts';
import { GAS_CONSTANT_J_MOL_K, KJ_MOL_PER_EV } from '../../contracts/units.ts';

/** Relative; the aim is 1e-3. Force constants are rounded to ten decimals, which shows at 10 K, where few modes count. */
const TOLERANCE = 1e-5;

describe.each(['argon', 'quartz'])('phonons of %s', (name) => {
  const { crystal, structure } = referenceCrystal(name);
  const cells = buildPhononCells(structure, crystal.repeats);
  const orbits = findOrbits(cells);
  const displacements = displacementsOf(cells, orbits);
  const matrix = buildForceConstants(cells, orbits, respond(crystal, cells, displacements));
  const mesh = meshOf(cells.lattice, crystal.mesh_length_A);
  const points = irreduciblePoints(cells, mesh);

  it('need_no_more_displacements_than_phonopy', () => {
    expect(cells.spaceGroup.replaceAll(' ', '')).toBe(crystal.space_group);
    expect(cells.representatives).toHaveLength(crystal.n_atoms_primitive);
    expect(2 * displacements.length).toBeLessThanOrEqual(crystal.n_displaced_supercells);
  });

  it('come_from_the_same_mesh_of_which_symmetry_leaves_as_much', () => {
    expect(mesh).toEqual(crystal.mesh);
    expect(points).toHaveLength(crystal.n_irreducible_q_points);
    expect(points.reduce((sum, { weight }) => sum + weight, 0)).toBe(mesh[0] * mesh[1] * mesh[2]);
  });

  it('fulfill_the_sum_rules_that_the_force_constants_had', () => {
    const before = matrix.values.slice();
    const largest = Math.max(...before.map(Math.abs));
    expect(acousticSumError(cells, matrix)).toBeLessThan(1e-7 * largest);
    imposeSumRules(cells, matrix);
    expect(acousticSumError(cells, matrix)).toBeLessThan(1e-11 * largest);
    expect(Math.max(...matrix.values.map((value, i) => Math.abs(value - (before[i] ?? NaN))))).toBeLessThan(1e-6);
  });

  it('have_the_frequencies_and_the_thermodynamics_of_phonopy', async () => {
    imposeSumRules(cells, matrix);
    const dynamics = buildLatticeDynamics(cells, matrix);
    const frequencies = await meshFrequencies(dynamics, points, { signal: new AbortController().signal });
    crystal.frequencies_at_gamma_THz.forEach((expected, i) => {
      expect(Math.abs((frequencies[0]?.[i] ?? NaN) - expected)).toBeLessThan(1e-5 + TOLERANCE * expected);
    });
    const lowest = frequencies.flatMap((values) => [...values]).sort((a, b) => a - b);
    crystal.lowest_frequencies_THz.forEach((expected, i) => {
      expect(Math.abs((lowest[i] ?? NaN) - expected)).toBeLessThan(1e-5);
    });

    const copies = structure.symbols.length / matrix.nPrimitive;
    const { counted, imaginary } = countModes(points, frequencies);
    expect(imaginary).toEqual([]);
    crystal.temperatures_k.forEach((temperature, i) => {
      const found = thermodynamicsAt(counted, temperature);
      const pairs = [
        [copies * found.heat_capacity * GAS_CONSTANT_J_MOL_K, crystal.heat_capacities_J_mol_K[i]],
        [copies * found.entropy * GAS_CONSTANT_J_MOL_K, crystal.entropies_J_mol_K[i]],
        [copies * found.free_energy_eV * KJ_MOL_PER_EV, crystal.free_energies_kJ_mol[i]],
      ];
      for (const [ours = NaN, theirs = NaN] of pairs) {
        expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(TOLERANCE * Math.abs(theirs));
      }
    });
  });
});
