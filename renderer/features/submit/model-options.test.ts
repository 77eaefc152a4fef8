import { expect, test } from 'vitest';
import { TASK_TYPES } from '../../../contracts/task-types.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import { parameterFields } from '../../lib/parameter-fields.ts';
import { fieldsFor, sharedFields } from './model-options.ts';

const FIELDS = parameterFields(TASK_TYPES.optimization.parameters);
type Context = Parameters<typeof fieldsFor>[2];

function optionsOf(context: Context, taskType: TaskType = 'optimization'): string[] {
  const fields = fieldsFor(FIELDS, taskType, context);
  return fields.flatMap(({ path, name }) => (path.startsWith('model_options.') ? [name] : []));
}

test('a_force_field_has_its_own_options_and_no_dispersion', () => {
  const names = optionsOf({ model: { family: 'uff', heads: [] }, withD3: false });
  expect(names).toContain('cutoff_A');
  expect(names).toContain('charges');
  expect(names.some((name) => name.startsWith('d3_') || name === 'head')).toBe(false);
});

test('a_checkpoint_has_none_of_the_force_field_but_where_that_computes_the_grid', () => {
  const mace = { family: 'mace', heads: ['Default'] };
  expect(optionsOf({ model: mace, withD3: false })).toEqual([]);
  expect(optionsOf({ model: mace, withD3: true })).toEqual(['d3_functional', 'd3_cutoff_A']);
  expect(optionsOf({ model: mace, withD3: false }, 'interaction-energy')).toContain('charges');
});

test('several_heads_are_a_choice', () => {
  const head = (heads: string[]) =>
    fieldsFor(FIELDS, 'optimization', { model: { family: 'mace', heads }, withD3: false }).find(
      ({ name }) => name === 'head',
    );
  expect(head(['omat', 'Default'])).toMatchObject({ kind: 'choice', choices: ['omat', 'Default'], initial: 'Default' });
  expect(head(['omat', 'spice'])).toMatchObject({ initial: null });
  expect(head(['Default'])).toBeUndefined();
});

test('several_models_share_the_options_that_all_of_them_have', () => {
  const names = (...contexts: Context[]) =>
    sharedFields(FIELDS, 'optimization', contexts).flatMap((field) => (field.path.includes('.') ? [field.name] : []));
  const uff = { model: { family: 'uff', heads: [] }, withD3: false };
  const maceOf = (heads: string[]) => ({ model: { family: 'mace', heads }, withD3: true });
  expect(names(uff)).toContain('cutoff_A');
  expect(names(uff, { ...maceOf(['Default']), withD3: false })).toEqual([]);
  expect(names(maceOf(['a']), maceOf(['b']))).toEqual(['d3_functional', 'd3_cutoff_A']);
  const [head] = sharedFields(FIELDS, 'optimization', [maceOf(['a', 'b', 'c']), maceOf(['b', 'c'])]).filter(
    ({ name }) => name === 'head',
  );
  expect(head).toMatchObject({ choices: ['b', 'c'] });
});
