// What a running service really answers, against its own OpenAPI document and against the fields of the API document.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadedStructureSchema } from '../../../../contracts/structure.ts';
import { TRAJECTORY_FILE } from '../../../../contracts/trajectory.ts';
import { ROCK_SALT_CIF, startTestService, TestClient } from '../../../service/testing/test-service.ts';
import type { ApiAnswer, TestService } from '../../../service/testing/test-service.ts';
import { DOCUMENT_EXAMPLES } from './document-examples.ts';
import type { Example } from './document-examples.ts';
import { operationsOf, readOpenApi } from './testing/read-openapi.ts';
import type { OpenApi } from './testing/read-openapi.ts';
import { createSchemaCheck } from './testing/schema-check.ts';
import type { SchemaCheck } from './testing/schema-check.ts';

/** Written by a Python script from the description of the format. */
const TRAJECTORY = new URL('../../../kernel/tests/reference/run_files/trajectory_v1.mofj', import.meta.url);

let running: TestService;
let client: TestClient;
let document: OpenApi;
let check: SchemaCheck;
/** What stands for the parameters of a path. */
let known: Record<string, string>;

beforeAll(async () => {
  running = await startTestService();
  client = new TestClient(running.client.url, running.service.createSessionToken());
  document = await readOpenApi(client);
  check = createSchemaCheck(document.components.schemas);
  const { file_id } = uploadedStructureSchema.parse((await client.upload('rock-salt.cif', ROCK_SALT_CIF)).data);
  const task_id = await client.submit({}, { structure: { source: 'upload', file_id }, tags: ['live'], name: 'live' });
  await client.waitFor(task_id, 'COMPLETED');
  // The stand-in kernel writes none.
  copyFileSync(TRAJECTORY, join(running.folder.home, 'tasks', task_id, TRAJECTORY_FILE));
  known = { task_id, file_id, name: 'rock-salt', model_id: 'uff4mof' };
});
afterAll(async () => {
  await running.close();
});

/** null when a parameter of the path is not known. */
function filledIn(path: string): string | null {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (names.some((name) => known[name] === undefined)) return null;
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => known[name] ?? '');
}

function schemaOf(operation: string): Record<string, unknown> {
  const found = operationsOf(document).find(({ operationId }) => operationId === operation);
  const success = Object.entries(found?.responses ?? {}).find(([status]) => status.startsWith('2'))?.[1];
  const { schema } = success?.content?.['application/json'] ?? {};
  if (schema === undefined) throw new Error(`${operation} has no JSON answer.`);
  return schema;
}

test('every_json_answer_to_a_get_fits_its_schema', async () => {
  const read: string[] = [];
  for (const { path, method, operationId, responses } of operationsOf(document)) {
    const address = filledIn(path);
    if (method !== 'get' || address === null || responses['200']?.content?.['application/json']?.schema === undefined)
      continue;
    const answer = await client.call(address);
    expect([answer.status, path], JSON.stringify(answer.body)).toEqual([200, path]);
    expect(check(schemaOf(operationId), answer.body), path).toEqual([]);
    read.push(operationId);
  }
  expect(read.length).toBeGreaterThan(20);
});

describe('fields of the API document', () => {
  const BODIES: Partial<Record<keyof typeof DOCUMENT_EXAMPLES, () => Promise<ApiAnswer>>> = {
    submitOptimization: () => submit(),
    uploadStructure: () => client.upload('rock-salt.cif', ROCK_SALT_CIF),
    cancelTask: async () => {
      await client.post('/system/queue/pause', {});
      const task_id = await client.submit();
      const answer = await client.post(`/tasks/${task_id}/cancel`, {});
      await client.post('/system/queue/resume', {});
      return answer;
    },
    retryTask: () => client.post(`/tasks/${known.task_id ?? ''}/retry`, {}),
  };
  const submit = (): Promise<ApiAnswer> =>
    client.post('/tasks/optimization', { model: 'uff4mof', structure: { source: 'builtin', name: 'rock-salt' } });

  async function answerTo(operation: string): Promise<ApiAnswer> {
    const act = Object.entries(BODIES).find(([name]) => name === operation)?.[1];
    if (act !== undefined) return act();
    const found = operationsOf(document).find(({ operationId }) => operationId === operation);
    const address = found === undefined ? null : filledIn(found.path);
    if (address === null) throw new Error(`${operation} cannot be asked.`);
    return client.call(address);
  }

  const documented = Object.entries<Example>(DOCUMENT_EXAMPLES).filter(([, { answer }]) => answer !== undefined);
  test.each(documented)('all_of_%s_are_there', async (operation, { answer }) => {
    const { body } = await answerTo(operation);
    expect(check(schemaOf(operation), body)).toEqual([]);
    // A machine without a GPU lists none.
    const isEmpty = operation === 'listGpus';
    expect(missingFields(answer, body, '')).toEqual(isEmpty ? ['.data.gpus[0]'] : []);
  });
});

/** Paths of `documented` that `live` lacks; the first element stands for a list. */
function missingFields(documented: unknown, live: unknown, path: string): string[] {
  if (Array.isArray(documented)) {
    if (documented.length === 0) return [];
    return Array.isArray(live) && live.length > 0
      ? missingFields(documented[0], live[0], `${path}[0]`)
      : [`${path}[0]`];
  }
  if (typeof documented !== 'object' || documented === null) return [];
  const found = new Map<string, unknown>(Object.entries(typeof live === 'object' && live !== null ? live : {}));
  return Object.entries(documented).flatMap(([key, value]) =>
    found.has(key) ? missingFields(value, found.get(key), `${path}.${key}`) : [`${path}.${key}`],
  );
}
