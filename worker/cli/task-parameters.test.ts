import { describe, expect, it } from 'vitest';
import { optimizationParametersSchema } from '../../contracts/results/optimization.ts';
import { CliError } from './cli-error.ts';
import { collectParameters } from './task-parameters.ts';

describe('collectParameters', () => {
  it('names_find_their_way_to_the_task_or_to_the_model', () => {
    const settings = ['fmax=1e-2', 'relax_cell=false', 'optimizer=FIRE', 'dialect=lammps_interface', 'cutoff_A=12'];
    expect(collectParameters(settings, optimizationParametersSchema)).toEqual({
      fmax: 0.01,
      relax_cell: false,
      optimizer: 'FIRE',
      model_options: { dialect: 'lammps_interface', cutoff_A: 12 },
    });
  });

  it('a_value_may_contain_an_equals_sign', () => {
    expect(collectParameters(['optimizer=a=b'], optimizationParametersSchema)).toMatchObject({ optimizer: 'a=b' });
  });

  it.each([
    ['fmaxx=1', /no parameter "fmaxx".*fmax, max_steps.*dialect, cutoff_A/],
    ['model_options={}', /no parameter "model_options"/],
    ['fmax', /takes name=value/],
    ['=1', /takes name=value/],
  ])('%s is bad input', (setting, message) => {
    const collect = () => collectParameters([setting], optimizationParametersSchema);
    expect(collect).toThrow(message);
    expect(collect).toThrow(CliError);
  });

  it('a_name_given_twice_is_bad_input', () => {
    expect(() => collectParameters(['fmax=1', 'fmax=2'], optimizationParametersSchema)).toThrow(/given twice/);
  });
});
