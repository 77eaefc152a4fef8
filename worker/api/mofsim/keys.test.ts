// Keys over real HTTP: what each scope may do, and when a key ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKeyListSchema, auditLogSchema, createdApiKeySchema } from '../../../contracts/api-key.ts';
import { TestClient, startTestService } from '../../service/testing/test-service.ts';
import type { TestService } from '../../service/testing/test-service.ts';

let testService: TestService;
let admin: TestClient;

beforeAll(async () => {
  testService = await startTestService();
  admin = testService.client;
});
afterAll(() => testService.close());

async function createKey(key: Record<string, unknown>) {
  const answer = await admin.post('/keys', { name: 'a script', ...key });
  expect(answer.status).toBe(201);
  const created = createdApiKeySchema.parse(answer.data);
  return { created, client: new TestClient(admin.url, created.key) };
}

const revoke = (client: TestClient, key_id: string) => client.call(`/keys/${key_id}`, { method: 'DELETE' });

describe('keys over HTTP', () => {
  test('each_scope_may_do_what_it_says_and_no_more', async () => {
    const submission = { model: 'uff4mof', structure: { source: 'builtin', name: 'rock-salt' } };
    const expected = { read: [200, 403, 403], submit: [200, 202, 403], admin: [200, 202, 200] };
    for (const [scope, statuses] of Object.entries(expected)) {
      const { client } = await createKey({ scope });
      const answers = [
        await client.call('/tasks'),
        await client.post('/tasks/single-point-energy', submission),
        await client.call('/keys'),
      ];
      expect(answers.map(({ status }) => status)).toEqual(statuses);
      for (const { error } of answers.filter(({ status }) => status === 403)) expect(error.code).toBe(40302);
    }
  });

  test('the_list_shows_every_key_and_never_a_secret', async () => {
    const { created } = await createKey({ name: 'shown once' });
    const answer = await admin.call('/keys');
    const { keys } = apiKeyListSchema.parse(answer.data);
    expect(keys.map(({ key_id }) => key_id)).toContain(created.key_id);
    expect(keys.map(({ key_id }) => key_id)).toContain('first');
    expect(JSON.stringify(answer.body)).not.toContain(created.key);
    expect(JSON.stringify(answer.body)).not.toMatch(/sha256|owner/);
  });

  test('a_revoked_key_answers_401_from_the_next_request_on', async () => {
    const { created, client } = await createKey({});
    expect((await client.call('/tasks')).status).toBe(200);
    expect((await revoke(admin, created.key_id)).status).toBe(200);
    const after = await client.call('/tasks');
    expect([after.status, after.error.code]).toEqual([401, 40103]);
    expect((await revoke(admin, created.key_id)).error.code).toBe(40305);
  });

  test('what_is_wrong_with_a_new_key_is_said', async () => {
    expect((await admin.post('/keys', {})).error.code).toBe(40002);
    expect((await admin.post('/keys', { name: 'x', scope: 'root' })).error.code).toBe(40004);
    expect((await admin.post('/keys', { name: 'x', expires_at: '2020-01-01T00:00:00Z' })).error.code).toBe(40004);
  });

  test('the_audit_log_tells_who_made_and_revoked_which_key', async () => {
    const other = await createKey({ name: 'another admin', scope: 'admin' });
    const { created } = await createKey({});
    await revoke(other.client, created.key_id);
    const { entries } = auditLogSchema.parse((await admin.call('/system/audit?limit=2')).data);
    expect(entries).toMatchObject([
      { action: 'key.revoked', target: created.key_id, key_id: other.created.key_id },
      { action: 'key.created', target: created.key_id, key_id: 'first' },
    ]);
  });

  test('the_audit_log_tells_when_a_key_ends_the_task_of_another_one', async () => {
    const [mine, other] = [(await createKey({})).client, (await createKey({})).client];
    const paused = await admin.post('/system/queue/pause', {});
    expect(paused.status).toBe(200);
    const [first, second, own] = [await mine.submit(), await mine.submit(), await other.submit()];
    await other.post(`/tasks/${own}/cancel`, {});
    await other.post(`/tasks/${first}/cancel`, {});
    await other.post('/tasks/batch/cancel', { task_ids: [second] });
    await other.call(`/tasks/${first}`, { method: 'DELETE' });
    const { entries } = auditLogSchema.parse((await admin.call('/system/audit?limit=4')).data);
    expect(entries.map(({ action, target }) => [action, target])).toEqual([
      ['task.deleted', first],
      ['task.cancelled', second],
      ['task.cancelled', first],
      ['queue.paused', 'queue'],
    ]);
    await admin.post('/system/queue/resume', {});
  });
});
