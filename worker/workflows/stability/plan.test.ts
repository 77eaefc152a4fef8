import { describe, expect, it } from 'vitest';
import { stabilityParametersSchema } from '../../../contracts/results/stability.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { TaskFailure } from '../task-failure.ts';
import { assertEnsemble, equilibrationSettings, intervals, planWarnings, productionSettings } from './plan.ts';

const parametersOf = (some: Record<string, unknown>) => stabilityParametersSchema.parse(some);
const cube = (width: number, symbols = ['Zn', 'O']): Structure => ({
  cell: [
    [width, 0, 0],
    [0, width, 0],
    [0, 0, width],
  ],
  pbc: [true, true, true],
  symbols,
  positions: symbols.map((_, i) => [i, i, i]),
});
const CALM = { equilibration_steps: 1000 };

describe('what is asked of the kernel', () => {
  it('follows_the_protocol_of_the_benchmark', () => {
    const parameters = parametersOf({
      ensemble: 'NPT',
      total_steps: 50_000,
      equilibration_steps: 1000,
      pressure_GPa: 1e-4,
    });
    expect(equilibrationSettings(parameters)).toMatchObject({
      ensemble: 'nvt_langevin',
      temperature_k: 300,
      timestep_fs: 1,
      n_steps: 1000,
      friction_per_fs: 0.01,
    });
    const settings = productionSettings(parameters);
    expect(settings).toMatchObject({
      ensemble: 'npt_isotropic',
      n_steps: 50_000,
      thermostat_time_fs: 100,
      barostat_time_fs: 1000,
    });
    // 1 bar is 1e-4 GPa; 1 eV/A^3 is 160.2 GPa.
    expect(settings.pressure_eV_A3).toBeCloseTo(6.2415e-7, 11);
  });

  it('lets_the_cell_change_its_shape_on_request', () => {
    expect(productionSettings(parametersOf({ ensemble: 'NPT', cell_motion: 'full' })).ensemble).toBe('npt_full');
    expect(productionSettings(parametersOf({})).ensemble).toBe('nvt_nose_hoover');
  });

  it('draws_other_random_numbers_after_an_equilibration', () => {
    expect(productionSettings(parametersOf({ seed: 5 })).seed).toBe(6);
    expect(productionSettings(parametersOf({ seed: 5, equilibration_steps: 0 })).seed).toBe(5);
  });

  it.each([
    [10, 10, 10, 100],
    [100, 10, 10, 100],
    [1000, 10, 10, 100],
    [15, 10, 5, 15],
    [7, 10, 7, 7],
    [997, 10, 1, 1],
    [250, 300, 250, 250],
  ])(
    'every_frame_is_a_sample: frames every %i, samples at most every %i',
    (trajectory_interval, wanted, sample, most) => {
      const found = intervals({ trajectory_interval, sample_interval: wanted });
      expect(found.sample).toBe(sample);
      expect(trajectory_interval % found.picture).toBe(0);
      expect(found.picture % found.sample).toBe(0);
      expect(found.picture).toBeLessThanOrEqual(Math.max(most, sample));
    },
  );

  it('refuses_constant_pressure_where_there_is_no_volume', () => {
    const slab: Structure = { ...cube(20), pbc: [true, true, false] };
    expect(() => {
      assertEnsemble(parametersOf({ ensemble: 'NPT' }), slab);
    }).toThrow(TaskFailure);
    expect(() => {
      assertEnsemble(parametersOf({}), slab);
    }).not.toThrow();
  });
});

describe('what is questionable beforehand', () => {
  it.each<[string, Record<string, unknown>, Structure, RegExp]>([
    ['a long time step with hydrogen', { timestep_fs: 1.5 }, cube(20, ['C', 'H']), /timestep_fs to 1/],
    ['a long time step', { timestep_fs: 3 }, cube(20), /timestep_fs to 2/],
    ['a fast thermostat', { thermostat_time_fs: 5 }, cube(20), /thermostat_time_fs is 5/],
    ['a fast barostat', { ensemble: 'NPT', barostat_time_fs: 5, total_steps: 50 }, cube(20), /barostat_time_fs is 5/],
    ['a short run at constant pressure', { ensemble: 'NPT' }, cube(20), /1 ps long/],
    ['a narrow cell', {}, cube(8), /8\.0 A wide/],
    ['no equilibration', { equilibration_steps: 0 }, cube(20), /equilibration_steps/],
  ])('%s', (_, some, structure, words) => {
    expect(planWarnings(parametersOf({ ...CALM, ...some }), structure, [1, 1, 1])).toEqual([
      expect.stringMatching(words),
    ]);
  });

  it('is_nothing_in_a_calm_run', () => {
    expect(planWarnings(parametersOf(CALM), cube(20, ['C', 'H']), [1, 1, 1])).toEqual([]);
    const long = { ...CALM, ensemble: 'NPT', total_steps: 50_000 };
    expect(planWarnings(parametersOf(long), cube(20, ['C', 'H']), [1, 1, 1])).toEqual([]);
  });
});
