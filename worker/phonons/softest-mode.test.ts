// The softest vibration: as an equation, and of crystals whose vibrations phonopy and a closed form give.
import { describe, expect, it } from 'vitest';
import { displacementsOf, findOrbits } from './displacements.ts';
import { findSoftestMode } from './find-softest-mode.ts';
import { buildForceConstants, imposeSumRules } from './force-constants.ts';
import { frequenciesAt } from './frequencies.ts';
import { hermitianEigenvalues } from './hermitian-eigenvalues.ts';
import { eigenvectorOf } from './lowest-eigenvector.ts';
import { buildPhononCells } from './phonon-cells.ts';
import { softestModeAtGamma } from './softest-mode.ts';
import { referenceCrystal, respond } from './test-data/phonopy-reference.ts';
import { unitCellDynamics } from './unit-cell-dynamics.ts';

/** Springs of strength 1 along a ring; its eigenvalues 2 - 2 cos(2 pi k / size) come in pairs. */
function ring(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    matrix[i * size + i] = 2;
    matrix[i * size + ((i + 1) % size)] = -1;
    matrix[i * size + ((i + size - 1) % size)] = -1;
  }
  return matrix;
}

function dynamicsOf(name: string) {
  const { crystal, structure } = referenceCrystal(name);
  const cells = buildPhononCells(structure, crystal.repeats);
  const orbits = findOrbits(cells);
  const matrix = buildForceConstants(cells, orbits, respond(crystal, cells, displacementsOf(cells, orbits)));
  imposeSumRules(cells, matrix);
  return { crystal, dynamics: unitCellDynamics(cells, matrix, structure.symbols.length) };
}

describe('an eigenvector', () => {
  it.each([
    [2, 0],
    [33, 0],
    [33, 1],
    [64, 63],
  ])('of_a_ring_of_%i_springs_fulfills_its_equation_for_the_eigenvalue_%i', (size, which) => {
    const matrix = size === 2 ? Float64Array.of(2, -2, -2, 2) : ring(size);
    const real = matrix.slice();
    const eigenvalue = hermitianEigenvalues({ size, real, imaginary: new Float64Array(size * size) })[which] ?? NaN;
    const vector = eigenvectorOf(matrix, size, eigenvalue);
    for (let i = 0; i < size; i += 1) {
      const product = vector.reduce((sum, x, k) => sum + (matrix[i * size + k] ?? 0) * x, 0);
      // The shift of 1e-10 of the largest entry is what separates it from its eigenvalue.
      expect(product).toBeCloseTo(eigenvalue * (vector[i] ?? NaN), 8);
    }
    expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
  });
});

describe('vibrations that keep the unit cell', () => {
  it('of_a_primitive_cell_are_those_at_gamma', () => {
    const { crystal, dynamics } = dynamicsOf('quartz');
    const found = frequenciesAt(dynamics, [0, 0, 0]);
    crystal.frequencies_at_gamma_THz.forEach((expected, i) => {
      expect(found[i]).toBeCloseTo(expected, 4);
    });
  });

  it('of_the_cubic_cell_of_argon_are_those_at_gamma_and_at_the_three_edges_X_of_its_primitive_cell', () => {
    const { crystal, dynamics } = dynamicsOf('argon');
    const found = frequenciesAt(dynamics, [0, 0, 0]);
    expect(found).toHaveLength(12);
    expect(crystal.frequencies_at_gamma_THz).toHaveLength(3);
    // X of an fcc crystal: six equal transverse vibrations and three equal longitudinal ones.
    expect(Math.max(...found.slice(0, 3).map(Math.abs))).toBeLessThan(1e-4);
    for (const i of [4, 5, 6, 7, 8]) expect(found[i]).toBeCloseTo(found[3] ?? NaN, 6);
    for (const i of [10, 11]) expect(found[i]).toBeCloseTo(found[9] ?? NaN, 6);
    expect(found[9]).toBeGreaterThan(1.2 * (found[3] ?? NaN));
  });
});

describe('the softest vibration', () => {
  it('of_a_stable_crystal_moves_it_as_a_whole', async () => {
    const { dynamics } = dynamicsOf('quartz');
    const mode = await findSoftestMode(dynamics, new AbortController().signal);
    expect(mode).toEqual(softestModeAtGamma(dynamics));
    expect(Math.abs(mode.frequency_THz)).toBeLessThan(1e-3);
    const [first] = mode.displacements;
    for (const displacement of mode.displacements) {
      displacement.forEach((x, k) => {
        expect(x).toBeCloseTo(first?.[k] ?? NaN, 6);
      });
      expect(Math.hypot(...displacement)).toBeCloseTo(1, 6);
    }
  });

  it('is_not_waited_for_after_a_stop', async () => {
    const { dynamics } = dynamicsOf('argon');
    const reason = new Error('stopped');
    await expect(findSoftestMode(dynamics, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
