// The OpenAPI document of a running service: valid, complete, and true to its own examples and to those of the API document.
import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createdApiKeySchema } from '../../../../contracts/api-key.ts';
import { startTestService, TestClient } from '../../../service/testing/test-service.ts';
import type { TestService } from '../../../service/testing/test-service.ts';
import { DOCUMENT_EXAMPLES } from './document-examples.ts';
import type { Example } from './document-examples.ts';
import { operationsOf, readOpenApi } from './testing/read-openapi.ts';
import type { OpenApi, Operation } from './testing/read-openapi.ts';
import { createSchemaCheck, fieldsOnly, jsonObjectSchema } from './testing/schema-check.ts';
import type { SchemaCheck } from './testing/schema-check.ts';

/** Of the API document, then what its clients know besides. */
const SPECIFIED = [
  'post /tasks/optimization',
  'post /tasks/stability',
  'post /tasks/bulk-modulus',
  'post /tasks/heat-capacity',
  'post /tasks/interaction-energy',
  'post /tasks/single-point-energy',
  'get /tasks/{}',
  'get /tasks/{}/result',
  'get /tasks/{}/logs',
  'post /tasks/{}/cancel',
  'post /tasks/{}/retry',
  'get /tasks',
  'post /structures/upload',
  'get /structures/builtin',
  'get /structures/{}',
  'get /models',
  'post /models/upload',
  'delete /models/{}',
  'get /health',
  'get /system/stats',
  'get /system/gpus',
  'get /files/{}/{}',
  'get /files/{}',
  'get /models/{}',
  'post /models/{}/load',
  'post /models/{}/unload',
  'post /models/{}/validate',
  'get /structures',
  'get /system/queue',
  'get /system/config',
  'get /system/alerts/rules',
  'get /system/alerts/active',
  'get /system/alerts/history',
  'get /tasks/{}/logs/stream',
  'get /system/logs/stream',
];

/** Answers with a path of their own but no operation of their own: POST refuses what is no task type. */
const UNLISTED = ['POST /tasks/{task_id}'];

let running: TestService;
let document: OpenApi;
let check: SchemaCheck;
let checkFields: SchemaCheck;

beforeAll(async () => {
  running = await startTestService();
  document = await readOpenApi(running.client);
  const { schemas } = document.components;
  check = createSchemaCheck(schemas);
  checkFields = createSchemaCheck(schemas, fieldsOnly);
});
afterAll(async () => {
  await running.close();
});

function operationNamed(name: string): Operation {
  const found = operationsOf(document).find(({ operationId }) => operationId === name);
  if (found === undefined) throw new Error(`The document has no operation ${name}.`);
  return found;
}

test('it_is_valid_openapi_3_1', async () => {
  const json = jsonObjectSchema.parse(await (await running.client.fetch('/openapi.json')).json());
  const { valid, errors } = await new Validator().validate(json);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
});

test('operations_have_names_of_their_own_and_all_references_lead_somewhere', () => {
  const names = operationsOf(document).map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, found = '']) => found);
  expect(references.length).toBeGreaterThan(100);
  for (const reference of new Set(references)) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(Object.keys(document.components.schemas)).toContain(reference.split('/').at(-1));
  }
});

test('every_endpoint_that_is_specified_is_there', () => {
  const served = operationsOf(document).map(({ path, method }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
  for (const endpoint of SPECIFIED) expect(served).toContain(endpoint);
});

test('every_path_of_it_is_mounted_with_exactly_its_methods', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const answer = await running.client.fetch(path.replaceAll(/\{\w+\}/g, 'x'), { method: 'OPTIONS' });
    const served = (answer.headers.get('allow') ?? '')
      .split(', ')
      .filter((name) => !['HEAD', 'OPTIONS'].includes(name));
    const listed = Object.keys(methods).map((method) => method.toUpperCase());
    const unlisted = served.filter((method) => UNLISTED.includes(`${method} ${path}`));
    expect(served.sort(), path).toEqual([...listed, ...unlisted].sort());
  }
});

test('the_page_for_readers_names_the_same_operations', async () => {
  const page = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/`((?:GET|POST|PATCH|PUT|DELETE) \/[^`?]*)`/g)].map(
    ([, operation = '']) => operation,
  );
  const listed = operationsOf(document).map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  expect([...new Set(named)].sort()).toEqual(listed.sort());
});

test('parameters_of_a_path_are_declared_and_keys_asked_for_where_they_are_needed', async () => {
  for (const { path, method, parameters, security, operationId } of operationsOf(document)) {
    const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? [], operationId).toEqual(declared);
    const url = `${running.client.url}/api/v1${path.replaceAll(/\{\w+\}/g, 'x')}`;
    const { status } = await fetch(url, { method: method.toUpperCase() });
    expect(status === 401, operationId).toBe(security === undefined);
  }
});

test('a_key_that_may_only_read_changes_nothing_anywhere', async () => {
  const made = await running.client.post('/keys', { name: 'reader', scope: 'read' });
  const headers = { authorization: `Bearer ${createdApiKeySchema.parse(made.data).key}` };
  const writing = operationsOf(document).filter(({ method }) => method !== 'get');
  expect(writing.length).toBeGreaterThan(20);
  for (const { path, method, operationId } of writing) {
    const address = path.replaceAll(/\{\w+\}/g, 'x');
    const { error } = await running.client.call(address, { method: method.toUpperCase(), headers });
    expect(error.code, operationId).toBe(40302);
  }
});

test('a_body_that_is_not_called_json_is_read_nowhere', async () => {
  const client = new TestClient(running.client.url, running.service.createSessionToken());
  const withBody = operationsOf(document).filter(
    ({ requestBody }) => requestBody?.content['application/json'] !== undefined,
  );
  expect(withBody.length).toBeGreaterThan(10);
  for (const { path, method, operationId } of withBody) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const address = path.replaceAll(/\{\w+\}/g, 'x');
      const headers = { 'content-type': type };
      const { error } = await client.call(address, { method: method.toUpperCase(), headers, body: '{}' });
      expect(error.code, operationId).toBe(40001);
    }
  }
});

describe('examples', () => {
  test('every_example_fits_the_schema_beside_it', () => {
    const contents = [
      document.webhooks.task.post.requestBody.content,
      ...operationsOf(document).flatMap(({ requestBody, responses }) => [
        requestBody?.content ?? {},
        ...Object.values(responses).map(({ content = {} }) => content),
      ]),
    ];
    const examples = contents.flatMap((content) =>
      Object.values(content).flatMap(({ schema = {}, example, examples: several }) => [
        ...(example === undefined ? [] : [{ schema, value: example }]),
        ...Object.values(several).map(({ value }) => ({ schema, value })),
      ]),
    );
    expect(examples.length).toBeGreaterThan(100);
    for (const { schema, value } of examples) {
      expect(check(schema, value), JSON.stringify(value).slice(0, 200)).toEqual([]);
    }
  });

  const documented = Object.entries<Example>(DOCUMENT_EXAMPLES).filter(([name]) => name !== 'webhook');

  test.each(documented.filter(([, { request }]) => request !== undefined))(
    'the_request_of_the_api_document_for_%s_is_accepted_as_it_stands',
    (name, { request }) => {
      const { schema = {} } = operationNamed(name).requestBody?.content['application/json'] ?? {};
      expect(check(schema, request)).toEqual([]);
    },
  );

  test.each(documented.filter(([, { answer }]) => answer !== undefined))(
    'every_field_of_the_answer_of_the_api_document_to_%s_is_in_ours_with_its_type',
    (name, { answer }) => {
      const success = Object.entries(operationNamed(name).responses).find(([status]) => status.startsWith('2'));
      const { schema = {} } = success?.[1].content?.['application/json'] ?? {};
      // The queue is inside; the service does not claim a Redis that there is not.
      const expected = name === 'getHealth' ? ['/redis must be equal to constant'] : [];
      expect(checkFields(schema, answer)).toEqual(expected);
    },
  );

  test('the_webhook_of_the_api_document_is_part_of_ours', () => {
    const { schema = {} } = document.webhooks.task.post.requestBody.content['application/json'] ?? {};
    expect(checkFields(schema, DOCUMENT_EXAMPLES.webhook.request)).toEqual([]);
  });

  test('a_field_that_is_not_ours_is_noticed', () => {
    const task = { $ref: '#/components/schemas/Task' };
    expect(checkFields(task, { task_id: 'task_abc123', colour: 'red' })).toHaveLength(1);
    expect(checkFields(task, { task_id: 7 })).toHaveLength(1);
  });
});
