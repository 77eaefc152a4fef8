// Secrets are unreadable in the database, readable with the key file alone, and what was stored before is sealed once.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import { SECRET_KEY_FILE, createSecretBox, openSecretBox } from './secret-box.ts';

const PLAIN = 'a secret that nobody else may know';
const QUEUED = { queued_at: '2026-01-01T00:00:00.000Z', queue_time: 1 };

let home = '';
let store: Store;
const warnings: string[] = [];
const logger = { info: () => undefined, warn: (said: string) => warnings.push(said), error: () => undefined };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-secrets-'));
  store = openStore(home);
  warnings.length = 0;
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function insertTask(webhook_secret: string): string {
  return store.tasks.insert(exampleTask({ webhook_secret }), { work: 8, size_class: 6 }, QUEUED).task_id;
}

function insertDelivery(task_id: string, secret: string): void {
  const timestamp = '2026-01-01T00:00:00.000Z';
  const facts = { event: 'task.started', task_id, status: 'RUNNING', timestamp } as const;
  const rest = { task_type: 'optimization', model: 'uff4mof', execution_time_seconds: null } as const;
  const where = { url: 'http://127.0.0.1:1/', receiver: 'http://127.0.0.1:1' };
  const row = {
    delivery_id: 'delivery_1',
    owner: 'local',
    task_id,
    event: 'task.started' as const,
    redelivery_of: null,
  };
  store.webhookDeliveries.insert({ ...row, ...where, secret, facts: { ...facts, ...rest }, created_at: timestamp });
}

const filesHold = (text: string): boolean =>
  readdirSync(home).some((name) => name.startsWith('mofsim.db') && readFileSync(join(home, name)).includes(text));

test('what_is_sealed_opens_with_its_key_only_and_only_unchanged', () => {
  const box = createSecretBox(Buffer.alloc(32, 1));
  const sealed = box.seal(PLAIN);
  expect(box.open(sealed)).toBe(PLAIN);
  expect(box.seal(PLAIN)).not.toBe(sealed);
  expect(createSecretBox(Buffer.alloc(32, 2)).open(sealed)).toBeNull();
  const changed = Buffer.from(sealed, 'base64');
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
  expect(box.open(changed.toString('base64'))).toBeNull();
  for (const text of ['', PLAIN, '苯']) expect(box.open(text)).toBeNull();
  expect(box.open(box.seal('苯 😀'))).toBe('苯 😀');
});

test('the_key_is_made_once_and_nobody_else_may_read_it', async () => {
  const sealed = (await openSecretBox(store, logger)).seal(PLAIN);
  expect((await openSecretBox(store, logger)).open(sealed)).toBe(PLAIN);
  if (process.platform !== 'win32') expect(statSync(join(home, SECRET_KEY_FILE)).mode & 0o777).toBe(0o600);
});

test('secrets_from_before_are_sealed_once_and_leave_no_trace_in_the_database', async () => {
  const task_id = insertTask(PLAIN);
  insertDelivery(task_id, PLAIN);
  const box = await openSecretBox(store, logger);
  const stored = () => [store.tasks.find(task_id)?.webhook_secret, store.webhookDeliveries.find('delivery_1')?.secret];
  expect(stored().map((sealed) => box.open(sealed ?? ''))).toEqual([PLAIN, PLAIN]);
  expect(filesHold(PLAIN)).toBe(false);
  const before = stored();
  await openSecretBox(store, logger);
  expect(stored()).toEqual(before);
});

test('a_key_that_was_lost_is_told_and_a_file_that_is_no_key_is_not_overwritten', async () => {
  const sealed = (await openSecretBox(store, logger)).seal(PLAIN);
  rmSync(join(home, SECRET_KEY_FILE));
  expect((await openSecretBox(store, logger)).open(sealed)).toBeNull();
  expect(warnings).toHaveLength(1);
  writeFileSync(join(home, SECRET_KEY_FILE), 'short');
  await expect(openSecretBox(store, logger)).rejects.toThrow(/is not a key/);
  expect(readFileSync(join(home, SECRET_KEY_FILE), 'utf8')).toBe('short');
});
