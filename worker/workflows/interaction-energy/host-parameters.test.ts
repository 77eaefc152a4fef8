import { describe, expect, it } from 'vitest';
import { interactionEnergyParametersSchema } from '../../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K } from '../../../contracts/units.ts';
import { TaskFailure } from '../task-failure.ts';
import { hostOf } from './host-parameters.ts';

const SILICA: Structure = {
  cell: [
    [9, 0, 0],
    [0, 9, 0],
    [0, 0, 9],
  ],
  pbc: [true, true, true],
  symbols: ['Si', 'O', 'O'],
  labels: ['Si1', 'O1', 'O2'],
  positions: [
    [0, 0, 0],
    [1.6, 0, 0],
    [0, 1.6, 0],
  ],
};
const SILICON = { site: 'Si', epsilon_K: 22, sigma_A: 2.3 };
const OXYGEN = { site: 'O', epsilon_K: 53, sigma_A: 3.3 };

function host(given: Record<string, unknown>) {
  return hostOf(interactionEnergyParametersSchema.parse(given), SILICA);
}

function failure(given: Record<string, unknown>): TaskFailure {
  try {
    host(given);
  } catch (error) {
    if (error instanceof TaskFailure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('hostOf', () => {
  it('a_label_counts_before_an_element', () => {
    const sites = [SILICON, OXYGEN, { site: 'O2', epsilon_K: 60, sigma_A: 3 }];
    const { lennard_jones, charges, citation, warnings } = host({ host_parameters: { sites } });
    expect(lennard_jones!.epsilon_eV).toEqual([22, 53, 60].map((kelvin) => kelvin * BOLTZMANN_EV_K));
    expect(lennard_jones!.sigma_A).toEqual([2.3, 3.3, 3]);
    expect(charges).toBeUndefined();
    expect({ citation, warnings }).toEqual({ citation: 'Given with the task', warnings: [] });
  });

  it('uff4mof_is_what_there_is_without', () => {
    expect(host({}).lennard_jones).toBeUndefined();
    expect(host({}).citation).toContain('UFF4MOF');
  });

  it('an_atom_without_parameters_is_named', () => {
    const { taskError } = failure({ host_parameters: { sites: [SILICON, { ...OXYGEN, site: 'O1' }] } });
    expect(taskError.details).toEqual({ parameter: 'host_parameters', missing: ['O'] });
  });

  it('a_label_that_no_atom_has_is_told_and_an_element_is_not', () => {
    const sites = [SILICON, OXYGEN, { ...OXYGEN, site: 'O_z' }, { ...SILICON, site: 'Al' }];
    expect(host({ host_parameters: { sites } }).warnings.join()).toMatch(/names O_z, which/);
  });

  it.each([
    ['lennard_jones', { lennard_jones: 'shifted', model_options: { tail_correction: true } }],
    [
      'host_parameters',
      {
        host_parameters: { sites: [SILICON, OXYGEN].map((site) => ({ ...site, charge_e: 0 })) },
        model_options: { charges: 'eqeq' },
      },
    ],
  ])('refuses what contradicts itself: %s', (parameter, given) => {
    expect(failure(given).taskError).toMatchObject({ type: 'ModelError', details: { parameter } });
  });

  it.each([
    ['a site twice', [OXYGEN, OXYGEN]],
    ['charges for some', [OXYGEN, { ...SILICON, charge_e: 2 }]],
  ])('the parameters refuse %s', (_, sites) => {
    expect(interactionEnergyParametersSchema.safeParse({ host_parameters: { sites } }).success).toBe(false);
  });
});
