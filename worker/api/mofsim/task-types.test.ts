// GET /task-types: all of the registry, and what it says can be believed.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { errorResponseSchema } from '../../../contracts/envelope.ts';
import { TASK_TYPES, taskTypeListSchema } from '../../../contracts/task-types.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { client } = await serviceOfFile();
const { task_types } = taskTypeListSchema.parse((await client.call('/task-types')).data);

test('every_task_type_of_the_registry_is_told_with_its_words_and_stages', () => {
  expect(task_types.map(({ task_type }) => task_type)).toEqual(Object.keys(TASK_TYPES));
  for (const { task_type, title, stages } of task_types) {
    expect(title).toBe(TASK_TYPES[task_type].title.zh);
    expect(stages).toEqual(TASK_TYPES[task_type].stages);
  }
});

test('the_schema_of_the_parameters_accepts_nothing_at_all_and_refuses_what_the_service_refuses', () => {
  for (const { task_type, parameters_schema } of task_types) {
    const validate = new Ajv2020({ strict: false }).compile(parameters_schema);
    expect(validate({}), task_type).toBe(true);
    expect(validate({ precision: 'float64' }), task_type).toBe(true);
    expect(validate({ precision: 'float128' }), task_type).toBe(false);
    expect(validate({ colour: 'red' }), task_type).toBe(false);
  }
});

test('a_type_is_submitted_when_it_is_said_to_be_available_and_else_refused_with_the_reason_that_is_told', async () => {
  const structure = { source: 'builtin', name: 'rock-salt' };
  for (const { task_type, is_available, unavailable_reason } of task_types) {
    const answer = await client.post(`/tasks/${task_type}`, { model: 'uff4mof', structure });
    expect(answer.status, task_type).toBe(is_available ? 202 : 503);
    if (is_available) continue;
    const { error } = errorResponseSchema.parse(answer.body);
    expect(error).toMatchObject({ code: 50301, details: { reason: unavailable_reason } });
  }
});
