import { describe, expect, it } from 'vitest';
import { bulkModulusParametersSchema } from '../../../contracts/results/bulk-modulus.ts';
import type { Cell, Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { multiply, volumeOf } from '../../structures/cell.ts';
import type { RelaxedInStage } from '../stages/relax-stage.ts';
import { TaskFailure } from '../task-failure.ts';
import { analyzeBulkModulus, vonMises } from './analyze.ts';
import type { BulkModulusOutcome } from './analyze.ts';
import { energyAt, pressureAt } from './equations-of-state.ts';
import { planWarnings, strained, volumeRatios } from './plan.ts';
import { formatEos } from './tables.ts';

const CUBE: Structure = {
  cell: [
    [5, 0, 0],
    [1, 5, 0],
    [0, 0, 5],
  ],
  pbc: [true, true, true],
  symbols: ['C'],
  positions: [[1, 2, 3]],
};
const CURVE = { energy: -7, bulkModulus: 20 / GPA_PER_EV_A3, volume: 125, derivative: 4 };

/** What a perfect model would have answered, with something changed. */
function outcomeOf(
  changes: { curve?: Partial<typeof CURVE>; parameters?: Record<string, unknown> } = {},
  change: (point: RelaxedInStage, i: number) => RelaxedInStage = (point) => point,
): BulkModulusOutcome {
  const parameters = bulkModulusParametersSchema.parse({ num_points: 9, ...changes.parameters });
  const curve = { ...CURVE, ...changes.curve };
  const ratios = volumeRatios(parameters);
  const relaxedAt = (structure: Structure): RelaxedInStage => {
    const volume = volumeOf(structure.cell!);
    const tension = -pressureAt('birch_murnaghan', curve, volume);
    return {
      structure,
      energy_eV: energyAt('birch_murnaghan', curve, volume),
      converged: true,
      steps: 3,
      max_force_eV_A: 0.0005,
      stress_eV_A3: [
        [tension, 0, 0],
        [0, tension, 0],
        [0, 0, tension],
      ],
      energy_components_eV: {},
    };
  };
  const points = ratios.map((ratio, i) => change(relaxedAt(strained(CUBE, ratio)), i));
  const relaxed = parameters.relax_first ? relaxedAt(CUBE) : null;
  return { parameters, input: CUBE, relaxed, reference: CUBE, ratios, points, hydrostatic: null };
}

function failedCriteria(outcome: BulkModulusOutcome): string[] {
  const { criteria, is_reliable, warnings } = analyzeBulkModulus(outcome);
  const failed = criteria.filter(({ passed }) => !passed).map(({ name }) => name);
  expect(is_reliable).toBe(failed.length === 0);
  expect(warnings.length).toBeGreaterThanOrEqual(failed.length);
  return failed;
}

describe('planning', () => {
  it('volumes_are_evenly_spaced_about_the_reference', () => {
    const ratios = volumeRatios({ strain_range: 0.04, num_points: 11 });
    expect(ratios).toHaveLength(11);
    expect(ratios[0]).toBeCloseTo(0.96, 14);
    expect(ratios[5]).toBe(1);
    expect(ratios[10]).toBeCloseTo(1.04, 14);
  });

  it('a_strain_changes_the_volume_and_no_fractional_coordinate', () => {
    const grown = strained(CUBE, 1.05);
    expect(volumeOf(grown.cell!) / volumeOf(CUBE.cell!)).toBeCloseTo(1.05, 13);
    const fractional = [0.16, 0.4, 0.6] as [number, number, number];
    const [before, after] = [CUBE, grown].map(({ cell }) => multiply(fractional, cell!));
    const factor = Math.cbrt(1.05);
    after!.forEach((x, k) => {
      expect(x).toBeCloseTo(factor * before![k]!, 13);
    });
  });

  it('few_points_are_told', () => {
    expect(planWarnings(bulkModulusParametersSchema.parse({}))).toHaveLength(1);
    expect(planWarnings(bulkModulusParametersSchema.parse({ num_points: 7 }))).toEqual([]);
  });
});

describe('analyzing', () => {
  it('a_perfect_curve_is_reliable_and_agrees_with_its_pressures', () => {
    const result = analyzeBulkModulus(outcomeOf());
    expect(result.bulk_modulus_GPa).toBeCloseTo(20, 7);
    expect(result.pressure_check?.bulk_modulus_GPa).toBeCloseTo(20, 7);
    expect(result.pressure_check?.difference_percent).toBeCloseTo(0, 6);
    expect(result.fits.map(({ method }) => method)).toEqual(['birch_murnaghan', 'murnaghan', 'vinet']);
    expect(result).toMatchObject({ is_reliable: true, warnings: [], n_atoms: 1 });
  });

  it.each(['murnaghan', 'vinet'] as const)('the_headline_is_that_of_%s_when_asked_for', (fitting_method) => {
    const result = analyzeBulkModulus(outcomeOf({ parameters: { fitting_method } }));
    const fit = result.fits.find(({ method }) => method === fitting_method);
    expect(result.bulk_modulus_GPa).toBe(fit?.bulk_modulus_GPa);
    expect(result.bulk_modulus_GPa).not.toBe(result.fits[0]?.bulk_modulus_GPa);
  });

  it('an_unconverged_relaxation_is_flagged', () => {
    const outcome = outcomeOf();
    expect(failedCriteria({ ...outcome, relaxed: { ...outcome.relaxed!, converged: false } })).toEqual([
      'relaxation_converged',
    ]);
  });

  it('an_unconverged_volume_is_flagged', () => {
    const outcome = outcomeOf({}, (point, i) => (i === 2 ? { ...point, converged: false } : point));
    expect(failedCriteria(outcome)).toEqual(['points_converged']);
    expect(analyzeBulkModulus(outcome).warnings[0]).toContain('1 of 9 volumes');
  });

  it('a_minimum_at_the_edge_is_flagged', () => {
    expect(failedCriteria(outcomeOf({ curve: { volume: 125 * 1.045 } }))).toEqual([
      'minimum_inside_range',
      'volume_deviation_percent',
    ]);
  });

  it('a_minimum_off_the_relaxed_volume_is_flagged_only_after_a_relaxation', () => {
    const curve = { volume: 125 * 1.015 };
    expect(failedCriteria(outcomeOf({ curve }))).toEqual(['volume_deviation_percent']);
    expect(failedCriteria(outcomeOf({ curve, parameters: { relax_first: false } }))).toEqual([]);
  });

  it('another_arrangement_beyond_some_volume_is_flagged_as_a_kink', () => {
    const outcome = outcomeOf({}, (point, i) => (i > 6 ? { ...point, energy_eV: point.energy_eV - 0.01 } : point));
    expect(failedCriteria(outcome)).toContain('curve_is_convex');
  });

  it('energies_that_do_not_fit_their_pressures_are_flagged', () => {
    const outcome = outcomeOf({}, (point) => ({ ...point, energy_eV: 1.1 * point.energy_eV }));
    expect(failedCriteria(outcome)).toEqual(['pressure_difference_percent']);
  });

  it('an_unreasonable_pressure_derivative_is_flagged', () => {
    expect(failedCriteria(outcomeOf({ curve: { derivative: 40 } }))).toContain('pressure_derivative');
  });

  it('a_cell_that_would_rather_change_its_shape_is_told', () => {
    const outcome = outcomeOf({}, (point) => {
      const [a, b, c] = point.stress_eV_A3!;
      const sheared: Cell = [[a[0] + 0.004, 0, 0], [0, b[1] - 0.004, 0], c];
      return { ...point, stress_eV_A3: sheared };
    });
    const { warnings, is_reliable } = analyzeBulkModulus(outcome);
    expect(is_reliable).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('constant shape');
  });

  it('a_curve_without_a_minimum_fails_with_its_points', () => {
    const outcome = outcomeOf({}, (point) => ({ ...point, energy_eV: -point.energy_eV }));
    expect(() => analyzeBulkModulus(outcome)).toThrow(TaskFailure);
    try {
      analyzeBulkModulus(outcome);
    } catch (error) {
      expect(error).toMatchObject({ taskError: { type: 'FitFailed', details: { fitted: [] } } });
    }
  });

  it('the_table_holds_points_and_curves', () => {
    const { points, fits } = analyzeBulkModulus(outcomeOf());
    const [header, first] = formatEos(points, fits).split('\n');
    const columns = header!.split(',');
    const value = (name: string) => Number(first!.split(',')[columns.indexOf(name)]);
    expect(value('birch_murnaghan_energy_eV')).toBeCloseTo(value('energy_eV'), 10);
    expect(value('volume_ratio')).toBeCloseTo(0.95, 12);
  });
});

it('the_von_mises_stress_of_a_pull_along_one_axis_is_that_pull', () => {
  expect(
    vonMises([
      [3, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]),
  ).toBeCloseTo(3, 14);
  expect(
    vonMises([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]),
  ).toBe(0);
});
