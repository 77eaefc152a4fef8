// Sentences that tell what was left out, and what to do about it.
import { describe, expect, it } from 'vitest';
import { heatCapacityParametersSchema } from '../../../contracts/results/heat-capacity.ts';
import { buildPhononCells } from '../../phonons/phonon-cells.ts';
import { referenceCrystal } from '../../phonons/test-data/phonopy-reference.ts';
import { potentialOf } from '../models.ts';
import { analyzePhonons } from './analyze-phonons.ts';
import { phononWarnings } from './phonon-warnings.ts';

type Vector = [number, number, number];

/** Argon with these frequencies at gamma and at the edge of the zone. */
function warningsOf(
  gamma: number[],
  edge: number[],
  options: { force?: number; asked?: Record<string, unknown> } = {},
) {
  const { structure } = referenceCrystal('argon');
  const computed = {
    cells: buildPhononCells(structure, [1, 1, 1]),
    matrix: { values: Float64Array.of(1), nPrimitive: 1, nSupercell: 4 },
    n_displacements: 1,
    acoustic_sum_error_eV_A2: 0,
    residual_force_eV_A: options.force ?? 0,
    warnings: [],
  };
  const points = [
    { q: [0, 0, 0] as Vector, weight: 1 },
    { q: [0.5, 0, 0] as Vector, weight: 7 },
  ];
  const frequencies = [Float64Array.from(gamma), Float64Array.from(edge)];
  const numbers = analyzePhonons(computed, { mesh: [2, 2, 2], points, frequencies }, [300], 4);
  const parameters = heatCapacityParametersSchema.parse(options.asked ?? {});
  return phononWarnings(computed, numbers, {
    parameters,
    potential: potentialOf({ model: 'uff4mof' }, {}),
    copies: 4,
  }).join('\n');
}

describe('warnings of phonons', () => {
  it('are_none_for_a_crystal_at_its_minimum', () => {
    expect(warningsOf([0, 0, 0], [1, 2, 3])).toBe('');
  });

  it('blame_the_supercell_when_gamma_is_stable_and_count_what_is_missing', () => {
    const text = warningsOf([0, 0, 0], [-1.5, 2, 3]);
    // 7 of 24 modes; per mole of four atoms 4 x 7/8 R.
    expect(text).toContain('7 of 24 modes are imaginary, down to -1.500 THz');
    expect(text).toContain('up to 29.10 J/(mol K)');
    expect(text).toContain('take a larger supercell');
  });

  it('blame_the_structure_when_gamma_is_not_stable', () => {
    const text = warningsOf([-2, 0, 0, 0], [1, 2, 3, 4], { asked: { relax_first: false } });
    expect(text).toContain('The unit cell is no minimum: relax the structure (relax_first)');
  });

  it('tell_forces_and_precision', () => {
    const text = warningsOf([0, 0, 0], [1, 2, 3], { force: 0.5, asked: { precision: 'float32' } });
    expect(text).toContain('largest force is 0.500 eV/A');
    expect(text).toContain('Use precision "float64"');
  });
});
