// When two results are the same result.
import { describe, expect, test } from 'vitest';
import { compareResults, toleranceOf } from './compare-results.ts';

const RESULT = {
  converged: true,
  steps: 156,
  final_energy_eV: -1234.567,
  energy_history: [1, 2, 3],
  final_structure: { format: 'cif', content: 'data_a', file_url: '/files/task_1/optimized.cif' },
  cell_parameters: { a: 12.9, b: 12.9, c: 12.9, alpha: 60, beta: 60, gamma: 60 },
  stress_GPa: [0, 0, 0, 0, 0, 1e-4],
};

describe('two results', () => {
  test('that_are_the_same_are_identical_whatever_their_task_is_called', () => {
    const other = structuredClone(RESULT);
    other.final_structure.file_url = '/files/task_2/optimized.cif';
    expect(compareResults('optimization', RESULT, other)).toEqual({
      n_compared: 15,
      is_identical: true,
      deviations: [],
    });
  });

  test('that_differ_by_rounding_agree_but_are_not_identical', () => {
    const other = { ...RESULT, final_energy_eV: -1234.567 + 1e-5, steps: 157, energy_history: [1, 2] };
    expect(compareResults('optimization', RESULT, other)).toMatchObject({ is_identical: false, deviations: [] });
  });

  test('that_differ_by_more_than_the_tolerance_of_the_unit_are_told_apart', () => {
    const other = { ...RESULT, final_energy_eV: -1234.6, stress_GPa: [0, 0, 0, 0, 0, 0.5], converged: false };
    const { deviations } = compareResults('optimization', RESULT, other);
    expect(deviations.map(({ path }) => path)).toEqual(['converged', 'final_energy_eV', 'stress_GPa.5']);
    expect(deviations[1]?.difference).toBeCloseTo(0.033, 10);
    expect(compareResults('optimization', RESULT, other, 'float32').deviations).toHaveLength(1);
  });

  test('with_other_fields_or_lengths_are_told_apart', () => {
    const { deviations } = compareResults('bulk-modulus', { energies_eV: [1, 2], extra: 1 }, { energies_eV: [1] });
    expect(deviations.map(({ path, second }) => [path, second])).toEqual([
      ['energies_eV.1', undefined],
      ['extra', undefined],
    ]);
  });

  test('that_hold_no_number_are_told_apart', () => {
    expect(compareResults('single-point-energy', { energy_eV: 1 }, { energy_eV: Number.NaN }).deviations).toHaveLength(
      1,
    );
    expect(compareResults('single-point-energy', { energy_eV: 1 }, null).deviations).toHaveLength(1);
  });
});

test('the_longest_ending_of_a_name_gives_its_tolerance', () => {
  expect(toleranceOf('max_force_eV_A')).not.toEqual(toleranceOf('rmsd_A'));
  expect(toleranceOf('energy_eV')).toEqual(toleranceOf('final_energy_eV'));
  expect(toleranceOf('heat_capacities').relative).toBe(1e-3);
});
