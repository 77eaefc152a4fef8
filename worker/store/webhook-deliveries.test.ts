import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiKeyStore } from './api-keys.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createWebhookDeliveryStore } from './webhook-deliveries.ts';
import type { NewDelivery } from './webhook-deliveries.ts';

let folder = '';
let connection: Connection;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-deliveries-'));
});
afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (migrations = MIGRATIONS): Connection => openDatabase(join(folder, 'mofsim.db'), migrations);
const time = (seconds: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString();
const IDLE = { receivers: [], task_ids: [] };

function delivery(n: number, changes: Partial<NewDelivery> = {}): NewDelivery {
  const task_id = changes.task_id ?? `task_${String(n).padStart(16, '0')}`;
  return {
    delivery_id: `delivery_${n}`,
    owner: 'local',
    task_id,
    event: 'task.started',
    redelivery_of: null,
    url: 'http://127.0.0.1:9000/hook',
    receiver: 'http://127.0.0.1:9000',
    secret: null,
    facts: {
      event: 'task.started',
      task_id,
      status: 'RUNNING',
      timestamp: time(n),
      task_type: 'optimization',
      model: 'uff4mof',
      execution_time_seconds: null,
    },
    created_at: time(n),
    ...changes,
  };
}

describe('webhook deliveries', () => {
  test('an_event_of_a_task_has_one_delivery_and_as_many_repetitions_as_are_asked_for', () => {
    connection = open();
    const deliveries = createWebhookDeliveryStore(connection);
    const task_id = 'task_aaaaaaaaaaaaaaaa';
    expect(deliveries.insert(delivery(1, { task_id }))).toBe(true);
    expect(deliveries.insert(delivery(2, { task_id }))).toBe(false);
    expect(deliveries.insert(delivery(3, { task_id, event: 'task.completed' }))).toBe(true);
    expect(deliveries.insert(delivery(4, { task_id, redelivery_of: 'delivery_1' }))).toBe(true);
    expect(deliveries.insert(delivery(5, { task_id, redelivery_of: 'delivery_1' }))).toBe(true);
  });

  test('the_one_that_is_due_longest_comes_first_and_busy_ones_are_passed_over', () => {
    connection = open();
    const deliveries = createWebhookDeliveryStore(connection);
    const other = { url: 'http://b.example/', receiver: 'http://b.example' };
    for (const [n, changes] of [
      [3, {}],
      [1, {}],
      [2, other],
      [9, other],
    ] as const)
      deliveries.insert(delivery(n, changes));
    const due = (seconds: number, busy: Parameters<typeof deliveries.due>[1]) =>
      deliveries.due(time(seconds), busy)?.delivery_id ?? null;
    expect(due(0, IDLE)).toBeNull();
    expect(due(5, IDLE)).toBe('delivery_1');
    expect(due(5, { receivers: [], task_ids: ['task_0000000000000001'] })).toBe('delivery_2');
    expect(due(5, { receivers: ['http://b.example'], task_ids: ['task_0000000000000001'] })).toBe('delivery_3');
    expect(due(5, { receivers: ['http://127.0.0.1:9000', 'http://b.example'], task_ids: [] })).toBeNull();
    expect(deliveries.nextDueAt(time(5))).toBe(time(9));
  });

  test('what_ended_is_pruned_and_what_is_pending_is_kept', () => {
    connection = open();
    const deliveries = createWebhookDeliveryStore(connection);
    for (const n of [1, 2, 3]) deliveries.insert(delivery(n));
    deliveries.addAttempt('delivery_1', { timestamp: time(1), http_status: 200, error: null, duration_ms: 3 });
    deliveries.finish('delivery_1', 'delivered');
    deliveries.finish('delivery_3', 'failed');
    deliveries.prune(time(3));
    const kept = deliveries.list({ owner: 'local' }, 10, 0);
    expect(kept.map(({ delivery_id, status }) => [delivery_id, status])).toEqual([
      ['delivery_3', 'failed'],
      ['delivery_2', 'pending'],
    ]);
    expect(deliveries.attempts('delivery_1')).toEqual([]);
  });

  test('the_schema_refuses_a_delivery_that_has_ended_and_is_due', () => {
    connection = open();
    createWebhookDeliveryStore(connection).insert(delivery(1));
    expect(() => connection.exec("UPDATE webhook_deliveries SET status = 'failed'")).toThrow(/CHECK/);
    expect(() => connection.exec('UPDATE webhook_deliveries SET next_attempt_at = NULL')).toThrow(/CHECK/);
  });
});

describe('migration 3', () => {
  test('keeps_the_one_key_that_there_was_and_gives_it_its_rights', () => {
    connection = open(MIGRATIONS.slice(0, 2));
    const sha256 = Buffer.alloc(32, 7);
    connection
      .prepare(`INSERT INTO api_keys (key_id, owner, sha256, created_at) VALUES ('first', 'local', ?, ?)`)
      .run(sha256, time(0));
    connection.close();
    connection = open();
    expect(createApiKeyStore(connection).findByHash(sha256)).toMatchObject({
      key_id: 'first',
      scope: 'admin',
      name: 'first key',
      created_at: time(0),
      expires_at: null,
      revoked_at: null,
    });
  });
});
