import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../contracts/error-code.ts';
import { potentialOf } from './models.ts';

describe('options of uff4mof', () => {
  it('without_charges_there_is_no_electrostatics', () => {
    expect(potentialOf('uff4mof', { cutoff_A: 10 })).toEqual({
      kind: 'uff4mof',
      options: { dialect: 'paper', cutoff_A: 10, fallback: 'none' },
    });
    expect(potentialOf('uff4mof', { charges: 'none' })).not.toHaveProperty('electrostatics');
  });

  it('charges_of_the_file_are_given_to_the_kernel_and_eqeq_is_done_there', () => {
    expect(potentialOf('uff4mof', { charges: 'cif' }).electrostatics).toMatchObject({
      charges: 'given',
      method: 'ewald',
    });
    expect(potentialOf('uff4mof', { charges: 'eqeq' }).electrostatics).toMatchObject({ charges: 'eqeq' });
  });

  it('an_unknown_model_is_refused_with_the_known_ones', () => {
    expect(() => potentialOf('uff5mof', {})).toThrow(ServiceError);
  });
});
