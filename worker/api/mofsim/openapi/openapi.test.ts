// The OpenAPI document of a running service: valid, complete, and true to its own examples and to those of the API document.
import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestService } from '../../../service/testing/test-service.ts';
import type { TestService } from '../../../service/testing/test-service.ts';
import { DOCUMENT_EXAMPLES } from './document-examples.ts';
import type { Example } from './document-examples.ts';

const jsonSchema = z.record(z.string(), z.unknown());
const contentSchema = z.record(
  z.string(),
  z.looseObject({
    schema: jsonSchema.optional(),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  }),
);
const operationSchema = z.looseObject({
  operationId: z.string(),
  security: z.array(jsonSchema).optional(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header']) })),
  requestBody: z.looseObject({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: contentSchema.optional() })),
});
type Operation = z.infer<typeof operationSchema>;
const documentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  webhooks: z.object({
    task: z.object({ post: z.looseObject({ requestBody: z.looseObject({ content: contentSchema }) }) }),
  }),
  components: z.looseObject({ schemas: z.record(z.string(), jsonSchema) }),
});
type Document = z.infer<typeof documentSchema>;

/** Answers with a path of their own but no operation of their own: POST refuses what is no task type. */
const UNLISTED = ['POST /tasks/{task_id}'];

let running: TestService;
let json: Record<string, unknown>;
let document: Document;
let check: SchemaCheck;
/** Fields may be missing, but none may be there that is not ours. */
let checkFields: SchemaCheck;

beforeAll(async () => {
  running = await startTestService();
  json = jsonSchema.parse(await (await running.client.fetch('/openapi.json')).json());
  document = documentSchema.parse(json);
  const { schemas } = document.components;
  check = createSchemaCheck(schemas);
  checkFields = createSchemaCheck(mapObjects(schemas, fieldsOnly), fieldsOnly);
});
afterAll(async () => {
  await running.close();
});

function operations(): [string, string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );
}

function operationNamed(name: string): Operation {
  const found = operations().find(([, , { operationId }]) => operationId === name);
  if (found === undefined) throw new Error(`The document has no operation ${name}.`);
  return found[2];
}

test('it_is_valid_openapi_3_1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(json));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
});

test('operations_have_names_of_their_own_and_all_references_lead_somewhere', () => {
  const names = operations().map(([, , { operationId }]) => operationId);
  expect(new Set(names).size).toBe(names.length);
  const references = [...JSON.stringify(json).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
  expect(references.length).toBeGreaterThan(100);
  for (const reference of new Set(references)) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(Object.keys(document.components.schemas)).toContain(reference.split('/').at(-1));
  }
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
  const listed = operations().map(([path, method]) => `${method.toUpperCase()} ${path}`);
  expect([...new Set(named)].sort()).toEqual(listed.sort());
});

test('parameters_of_a_path_are_declared_and_keys_asked_for_where_they_are_needed', async () => {
  for (const [path, method, { parameters, security, operationId }] of operations()) {
    const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? [], operationId).toEqual(declared);
    const url = `${running.client.url}/api/v1${path.replaceAll(/\{\w+\}/g, 'x')}`;
    const { status } = await fetch(url, { method: method.toUpperCase() });
    expect(status === 401, operationId).toBe(security === undefined);
  }
});

describe('examples', () => {
  test('every_example_fits_the_schema_beside_it', () => {
    const contents = [
      document.webhooks.task.post.requestBody.content,
      ...operations().flatMap(([, , { requestBody, responses }]) => [
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
      const differences = checkFields(schema, answer);
      // The queue is inside; the service does not claim a Redis that there is not.
      const expected = name === 'getHealth' ? ['/redis must be equal to constant'] : [];
      expect(differences).toEqual(expected);
    },
  );

  test('the_webhook_of_the_api_document_is_part_of_ours', () => {
    const { schema = {} } = document.webhooks.task.post.requestBody.content['application/json'] ?? {};
    expect(checkFields(schema, DOCUMENT_EXAMPLES.webhook.request)).toEqual([]);
  });

  test('a_field_that_is_not_ours_is_noticed', () => {
    expect(checkFields({ $ref: '#/components/schemas/Task' }, { task_id: 'task_abc123', colour: 'red' })).toHaveLength(
      1,
    );
    expect(checkFields({ $ref: '#/components/schemas/Task' }, { task_id: 7 })).toHaveLength(1);
  });
});

type SchemaCheck = (schema: Record<string, unknown>, value: unknown) => string[];

/** Returns what is wrong, as `path message`. */
function createSchemaCheck(
  schemas: Record<string, unknown>,
  change: (schema: Record<string, unknown>) => Record<string, unknown> = (schema) => schema,
): SchemaCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: { schemas } });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(mapObjects(schema, change)).replaceAll('"#/components', '"document#/components');
    const validate = compiled.get(text) ?? ajv.compile(jsonSchema.parse(JSON.parse(text)));
    compiled.set(text, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
  };
}

function fieldsOnly(schema: Record<string, unknown>): Record<string, unknown> {
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'required'));
  return 'properties' in rest ? { additionalProperties: false, ...rest } : rest;
}

/** Rebuilds every JSON object inside. */
function mapObjects(
  value: Record<string, unknown>,
  change: (object: Record<string, unknown>) => Record<string, unknown>,
): Record<string, unknown> {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? change(jsonSchema.parse(inner)) : inner,
  );
  return jsonSchema.parse(JSON.parse(text));
}
