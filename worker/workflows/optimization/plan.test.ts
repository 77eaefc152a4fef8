import { describe, expect, it } from 'vitest';
import { optimizationParametersSchema } from '../../../contracts/results/optimization.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { frameInterval, planOptimization } from './plan.ts';

const CORNER: Vector3 = [0, 0, 0];
const CUBE: Structure = {
  cell: [
    [5, 0, 0],
    [0, 5, 0],
    [0, 0, 5],
  ],
  pbc: [true, true, true],
  symbols: ['C'],
  positions: [CORNER],
};
const MOLECULE: Structure = { ...CUBE, cell: null, pbc: [false, false, false] };

describe('planOptimization', () => {
  it('defaults_relax_the_full_cell_with_lbfgs', () => {
    const { settings, warnings } = planOptimization(optimizationParametersSchema.parse({}), CUBE);
    expect(settings).toEqual({
      optimizer: 'LBFGS',
      fmax_eV_A: 0.001,
      max_steps: 500,
      cell_mode: 'full',
      pressure_eV_A3: 0,
      frame_interval: 10,
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['indices', [1]],
    ['booleans', [false, true, false]],
  ])('the_mask_fixes_atoms: %s', (_name, mask) => {
    const three: Structure = { ...CUBE, symbols: ['C', 'H', 'O'], positions: [CORNER, CORNER, CORNER] };
    const { details } = planOptimization(optimizationParametersSchema.parse({ mask }), three);
    expect(details.fixed_atoms).toEqual([false, true, false]);
  });

  it.each([
    ['an index that is no atom', [1]],
    ['too many booleans', [true, false]],
  ])('a_mask_of_another_structure_is_refused: %s', (_name, mask) => {
    const parameters = optimizationParametersSchema.parse({ mask });
    expect(() => planOptimization(parameters, CUBE)).toThrow(/The mask .* 1 atom/);
  });

  it('a_fixed_cell_stays_fixed', () => {
    const parameters = optimizationParametersSchema.parse({ relax_cell: false });
    expect(planOptimization(parameters, CUBE).settings.cell_mode).toBe('fixed');
  });

  it('a_structure_without_three_periodic_directions_keeps_its_cell_and_says_so', () => {
    const plan = planOptimization(optimizationParametersSchema.parse({}), MOLECULE);
    expect(plan.settings.cell_mode).toBe('fixed');
    expect(plan.warnings).toHaveLength(1);
  });

  it.each(['LBFGS', 'BFGS', 'FIRE', 'MDMin'] as const)('%s_is_passed_on', (optimizer) => {
    const parameters = optimizationParametersSchema.parse({ optimizer });
    expect(planOptimization(parameters, CUBE).settings.optimizer).toBe(optimizer);
  });

  it('a_pressure_acts_on_a_moving_cell_only', () => {
    const pressed = optimizationParametersSchema.parse({ pressure_GPa: 1.602176634 });
    // 1 eV/A^3 = 160.2176634 GPa.
    expect(planOptimization(pressed, CUBE).settings.pressure_eV_A3).toBeCloseTo(0.01, 15);
    const fixed = planOptimization({ ...pressed, relax_cell: false }, CUBE);
    expect(fixed.settings.pressure_eV_A3).toBe(0);
    expect(fixed.warnings).toEqual(['The pressure has no effect: the cell stays as it is.']);
  });

  it.each([
    [1, 1],
    [7, 7],
    [10, 10],
    [25, 5],
    [13, 1],
    [1000, 10],
  ])('a trajectory of every %i-th step gets frames every %i steps', (interval, expected) => {
    expect(frameInterval(interval)).toBe(expected);
  });
});
