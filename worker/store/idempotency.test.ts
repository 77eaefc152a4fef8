// Answers kept for idempotency keys.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-idempotency-'));
  store = openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const REQUEST = new Uint8Array(32).fill(7);
const AT_NOON = '2026-01-01T12:00:00.000Z';

function keep(idempotency_key: string, answer: unknown, created_at = AT_NOON): void {
  store.idempotency.put({ owner: 'local', idempotency_key, request_sha256: REQUEST, answer, created_at });
}

test('an_answer_is_found_again_until_it_is_too_old', () => {
  keep('a', { task_id: 'task_1' });
  const found = store.idempotency.find('local', 'a', AT_NOON);
  expect(found?.answer).toEqual({ task_id: 'task_1' });
  expect(Buffer.from(found?.request_sha256 ?? []).equals(REQUEST)).toBe(true);
  expect(store.idempotency.find('local', 'a', '2026-01-01T12:00:00.001Z')).toBeNull();
  expect(store.idempotency.find('local', 'b', AT_NOON)).toBeNull();
  expect(store.idempotency.find('somebody else', 'a', AT_NOON)).toBeNull();
});

test('a_new_answer_takes_the_place_of_an_old_one_and_old_ones_are_forgotten', () => {
  keep('a', 1);
  keep('a', 2, '2026-01-02T12:00:00.000Z');
  keep('b', 3);
  store.idempotency.forget('2026-01-02T00:00:00.000Z');
  expect(store.idempotency.find('local', 'a', AT_NOON)?.answer).toBe(2);
  expect(store.idempotency.find('local', 'b', '')).toBeNull();
});
