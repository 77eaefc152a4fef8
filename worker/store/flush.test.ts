import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './open-database.ts';
import { createFlush } from './flush.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-flush-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('many_callers_share_few_waits_and_none_settles_with_a_wait_that_began_before_it', async () => {
  const connection = openDatabase(join(folder, 'mofsim.db'));
  const flush = createFlush(join(folder, 'mofsim.db'));
  const first = flush();
  const second = flush();
  const third = flush();
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  await Promise.all([first, second, third]);
  expect(flush()).not.toBe(second);
  await flush();
  connection.close();
});

test('a_log_that_cannot_be_synced_is_told_and_tried_again_by_the_next_caller', async () => {
  const file = join(folder, 'mofsim.db');
  const flush = createFlush(file);
  const [first, second] = [flush(), flush()];
  await expect(first).rejects.toThrow(/ENOENT/);
  await expect(second).rejects.toThrow(/ENOENT/);
  const connection = openDatabase(file);
  await flush();
  connection.close();
});
