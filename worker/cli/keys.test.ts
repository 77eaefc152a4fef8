// `mofsim keys` as a user runs it: on a data folder alone, and beside a running service.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiKeyListSchema, createdApiKeySchema } from '../../contracts/api-key.ts';
import { TestClient, createTestFolder, startTestService } from '../service/testing/test-service.ts';
import type { TestFolder, TestService } from '../service/testing/test-service.ts';
import { runMofsim } from './testing/run-mofsim.ts';
import type { Finished } from './testing/run-mofsim.ts';

let folder: TestFolder;
let testService: TestService | null = null;

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(async () => {
  await testService?.close();
  testService = null;
  folder.remove();
});

const keys = (...args: string[]): Promise<Finished> =>
  runMofsim(['keys', ...args, '--home', folder.home], { HOME: folder.path });

async function json<Schema extends z.ZodType>(schema: Schema, ...args: string[]): Promise<z.output<Schema>> {
  const { code, stdout, stderr } = await keys(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return schema.parse(JSON.parse(stdout));
}

const start = async (): Promise<TestClient> => {
  testService = await startTestService({ folder });
  return testService.client;
};

describe('mofsim keys', () => {
  test('a_key_made_before_the_service_starts_works_once_it_runs', async () => {
    const made = await keys('create', 'a script', '--scope', 'read');
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^mofsim_[\w-]+\n$/);
    const { url } = await start();
    const client = new TestClient(url, made.stdout.trim());
    expect((await client.call('/tasks')).status).toBe(200);
    expect((await client.call('/keys')).status).toBe(403);
  });

  test('beside_a_running_service_the_same_commands_take_effect_at_once', async () => {
    const { url } = await start();
    const made = await json(createdApiKeySchema, 'create', 'a script', '--expires', '2999-12-31');
    expect(made.expires_at).toBe('2999-12-31T23:59:59.000Z');
    const client = new TestClient(url, made.key);
    expect((await client.call('/tasks')).status).toBe(200);
    expect((await keys('revoke', made.key_id)).code).toBe(0);
    expect((await client.call('/tasks')).status).toBe(401);
    const { keys: listed } = await json(apiKeyListSchema, 'list');
    expect(listed.map(({ key_id }) => key_id).sort()).toEqual(['first', made.key_id].sort());
  });

  test('the_first_key_is_shown_to_the_owner_of_the_folder', async () => {
    const missing = await keys('show');
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('mofsim serve makes it')]);
    const { apiKey } = await start();
    expect((await json(z.object({ key: z.string() }), 'show')).key).toBe(apiKey);
  });

  test('mistakes_are_refused_with_what_to_change', async () => {
    await start();
    const last = await keys('revoke', 'first');
    expect([last.code, last.stderr]).toEqual([1, expect.stringContaining('last admin key')]);
    await testService?.close();
    testService = null;
    for (const [args, sentence] of [
      [['create', 'x', '--scope', 'root'], 'scope'],
      [['create', 'x', '--expires', 'tomorrow'], 'expires_at'],
      [['create', 'x', '--expires', '2020-01-01'], 'past'],
      [['revoke', 'key_none'], 'There is no key key_none'],
    ] as const) {
      const refused = await keys(...args);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    }
  });
});
