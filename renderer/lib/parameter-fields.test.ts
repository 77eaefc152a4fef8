import { describe, expect, test } from 'vitest';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import { parameterFields, parametersOf } from './parameter-fields.ts';

const schema = TASK_TYPES.optimization.parameters;
const fields = parameterFields(schema);

/** Lists of atoms, molecules, force fields and references are for scripts: nobody types them. */
const NOT_IN_THE_FORM = new Set(['host_parameters', 'mask', 'molecule', 'reference']);

describe('the form of a task', () => {
  test('every_parameter_of_every_task_type_has_a_field', () => {
    for (const { parameters } of Object.values(TASK_TYPES)) {
      const named = new Set(parameterFields(parameters).map(({ path }) => path.split('.')[0]));
      for (const key of Object.keys(parameters.shape)) if (!NOT_IN_THE_FORM.has(key)) expect(named).toContain(key);
    }
  });

  test('bounds_choices_and_defaults_are_those_of_the_schema', () => {
    const defaults = schema.parse({});
    expect(fields.find(({ path }) => path === 'fmax')).toMatchObject({
      kind: 'number',
      isInteger: false,
      initial: defaults.fmax,
    });
    expect(fields.find(({ path }) => path === 'optimizer')).toMatchObject({ kind: 'choice', initial: 'LBFGS' });
    expect(fields.find(({ path }) => path === 'relax_cell')).toMatchObject({ kind: 'switch', initial: true });
    expect(fields.find(({ path }) => path === 'model_options.cutoff_A')).toMatchObject({ kind: 'number' });
  });

  test('an_untouched_form_submits_the_defaults', () => {
    expect(schema.parse(parametersOf(fields, {}))).toEqual(schema.parse({}));
  });

  test('typed_numbers_reach_the_schema_as_numbers_also_nested', () => {
    const parameters = parametersOf(fields, { fmax: '0.02', 'model_options.cutoff_A': '10', relax_cell: false });
    expect(parameters).toEqual({ fmax: 0.02, model_options: { cutoff_A: 10 }, relax_cell: false });
    expect(schema.safeParse(parameters).success).toBe(true);
  });

  test('numbers_that_belong_together_are_one_field_and_keep_the_defaults_of_those_left_out', () => {
    const heat = parameterFields(TASK_TYPES['heat-capacity'].parameters);
    expect(heat.find(({ path }) => path === 'supercell')).toMatchObject({
      kind: 'vector',
      components: [null, null, null].map((initial) => ({ isInteger: true, minimum: 1, initial })),
    });
    expect(parametersOf(heat, {})).toEqual({});
    expect(parametersOf(heat, { 'supercell.1': '3', 'temperature_range.0': '' })).toEqual({ supercell: [1, 3, 1] });
  });

  test('text_that_is_no_number_is_refused_where_it_stands', () => {
    const result = schema.safeParse(parametersOf(fields, { fmax: 'small' }));
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['fmax']]);
  });
});
