// The log is moved into the database by a thread, while the service goes on, and by SQLite itself where the thread cannot.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCheckpoints } from './checkpoints.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createTaskStore } from './tasks.ts';
import { exampleTask } from './testing/example-task.ts';

const SIZE = { work: 8, size_class: 6 };

let folder = '';
let file = '';
let connection: Connection;
const problems: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-checkpoints-'));
  file = join(folder, 'mofsim.db');
  connection = openDatabase(file);
  problems.length = 0;
});
afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true, force: true });
});

const create = () => createCheckpoints({ connection, databaseFile: file, onProblem: (said) => problems.push(said) });

function insertTasks(n: number): void {
  const tasks = createTaskStore(connection);
  connection.transaction(() => {
    for (let i = 0; i < n; i += 1) tasks.insert(exampleTask(), SIZE, null);
  })();
}

/** In the database itself, without its log. */
function nTasksInFile(): number {
  const copy = join(folder, 'copy.db');
  copyFileSync(file, copy);
  const alone = new Database(copy, { readonly: true });
  try {
    return Number(alone.prepare('SELECT count(*) FROM tasks').pluck().get());
  } finally {
    alone.close();
  }
}

test('what_was_committed_reaches_the_database_without_a_commit_waiting_for_it', async () => {
  connection.pragma('wal_checkpoint(TRUNCATE)');
  const checkpoints = create();
  checkpoints.start();
  try {
    insertTasks(2000);
    expect(nTasksInFile()).toBe(0);
    await vi.waitUntil(() => nTasksInFile() === 2000, { timeout: 20_000 });
  } finally {
    await checkpoints.stop();
  }
  expect(problems).toEqual([]);
});

test('a_thread_that_cannot_work_is_told_and_sqlite_does_it_as_before', async () => {
  const broken = createCheckpoints({
    connection,
    databaseFile: join(folder, 'nowhere.db'),
    onProblem: (said) => problems.push(said),
  });
  broken.start();
  insertTasks(2000);
  await vi.waitUntil(() => problems.length > 0, { timeout: 20_000 });
  expect(connection.pragma('wal_autocheckpoint', { simple: true })).toBe(1000);
  await broken.stop();
});

test('it_stops_without_having_had_anything_to_do', async () => {
  await create().stop();
  const checkpoints = create();
  checkpoints.start();
  await checkpoints.stop();
});
