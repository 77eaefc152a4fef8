import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../contracts/error-code.ts';
import { assertOptionsFit, potentialOf, reachOf, uff4mofOf } from './models.ts';

/** The sentence of a refusal for what does not go together. */
function refusalOf(refused: () => unknown): string {
  try {
    refused();
  } catch (error) {
    if (error instanceof ServiceError && error.code === 42207) return String(error.details.message);
    throw error;
  }
  return 'nothing was refused';
}

describe('options of uff4mof', () => {
  it('without_charges_there_is_no_electrostatics', () => {
    expect(uff4mofOf({ cutoff_A: 10 })).toEqual({
      kind: 'uff4mof',
      options: { dialect: 'paper', cutoff_A: 10, fallback: 'none' },
    });
    expect(uff4mofOf({ charges: 'none' })).not.toHaveProperty('electrostatics');
  });

  it('charges_of_the_file_are_given_to_the_kernel_and_eqeq_is_done_there', () => {
    expect(uff4mofOf({ charges: 'cif' }).electrostatics).toMatchObject({
      charges: 'given',
      method: 'ewald',
    });
    expect(uff4mofOf({ charges: 'eqeq' }).electrostatics).toMatchObject({ charges: 'eqeq' });
  });

  it('an_unknown_model_is_refused_with_the_known_ones', () => {
    expect(() => potentialOf({ model: 'uff5mof' }, {})).toThrow(ServiceError);
  });
});

describe('an imported model', () => {
  const imported_model = { folder: '/models/a', r_max_A: 6, heads: ['Default'] };
  const named = { model: 'mine', imported_model };
  const withHeads = (...heads: string[]) => ({ model: 'mine', imported_model: { ...imported_model, heads } });

  it('is_computed_from_its_folder_and_says_how_far_it_reaches', () => {
    expect(potentialOf(named, {})).toEqual({ kind: 'mace', options: { folder: '/models/a' } });
    expect(reachOf(named, {})).toBe(6);
  });

  it('gets_dispersion_only_when_the_task_asks_for_it', () => {
    expect(potentialOf(named, {})).not.toHaveProperty('dispersion');
    expect(potentialOf({ ...named, with_d3: true }, { d3_functional: 'r2scan' })).toMatchObject({
      dispersion: { functional: 'r2scan', cutoff_A: 21.167088422 },
    });
  });

  it('with_several_heads_needs_one_named_unless_one_is_the_default', () => {
    expect(potentialOf(withHeads('pt_head', 'default'), {})).toMatchObject({ kind: 'mace' });
    expect(potentialOf(withHeads('omat', 'spice'), { head: 'spice' })).toMatchObject({ options: { head: 'spice' } });
    expect(refusalOf(() => potentialOf(withHeads('omat', 'spice'), {}))).toMatch(/name one.*omat, spice/);
    expect(refusalOf(() => potentialOf(named, { head: 'omat' }))).toMatch(/no head "omat"/);
  });

  it('refuses_options_that_nobody_would_read', () => {
    expect(
      refusalOf(() => {
        assertOptionsFit(named, { cutoff_A: 10 }, false);
      }),
    ).toMatch(/has no option cutoff_A/);
    expect(
      refusalOf(() => {
        assertOptionsFit(named, { d3_functional: 'pbe' }, false);
      }),
    ).toMatch(/with_d3 is false/);
    expect(
      refusalOf(() => {
        assertOptionsFit({ model: 'uff4mof' }, { head: 'a' }, false);
      }),
    ).toMatch(/has no option head/);
    // The grid of an interaction energy is the force field's.
    assertOptionsFit(named, { cutoff_A: 10, charges: 'eqeq', head: 'Default' }, true);
  });
});
