// Rows of schema 1, migrated: nothing is lost, and the sums that schema 2 keeps are what counting gives.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../open-database.ts';
import type { Connection } from '../open-database.ts';
import { createQueuedWorkStore } from '../queued-work.ts';
import { createTaskHistoryStore } from '../task-history.ts';
import { createTaskStore } from '../tasks.ts';
import { exampleTask } from '../testing/example-task.ts';
import { MIGRATIONS } from './index.ts';

const AT = '2026-01-01T00:00:10.500Z';
const STATES = {
  PENDING: {},
  QUEUED: {},
  ASSIGNED: { slot_id: 'cpu', device: 'cpu', attempts: 1 },
  RUNNING: { slot_id: 'GPU-1', device: 'cuda:0', gpu_id: 0, attempts: 2, started_at: AT, progress: 30 },
  COMPLETED: { slot_id: 'cpu', started_at: AT, finished_at: AT, execution_time_seconds: 12.5, progress: 100 },
  FAILED: { finished_at: AT, error: JSON.stringify({ type: 'ModelError', message: 'no', details: {} }) },
  CANCELLED: { finished_at: AT },
  TIMEOUT: { finished_at: AT, started_at: AT },
} as const;

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-migration-'));
  file = join(folder, 'mofsim.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** One task of every state, with a step and a log line each. */
function fillSchema1(connection: Connection): Record<string, unknown>[] {
  for (const [i, [status, columns]] of Object.entries(STATES).entries()) {
    const values = {
      task_id: `task_old${String(i).padStart(13, '0')}`,
      owner: 'local',
      task_type: 'optimization',
      model: 'uff4mof',
      parameters: '{"fmax":0.001}',
      structure_source: '{"source":"builtin","name":"MOF-5"}',
      structure_name: 'MOF-5',
      n_atoms: 100 + i,
      formula: 'C24',
      priority: 'LOW',
      status,
      max_attempts: 3,
      event_sequence: 7,
      created_at: AT,
      ...columns,
    };
    const names = Object.keys(values);
    connection
      .prepare(`INSERT INTO tasks (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`)
      .run(values);
    connection.prepare(`INSERT INTO task_steps VALUES (?, 1, 0, -1.5, 0.5, NULL)`).run(values.task_id);
    connection.prepare(`INSERT INTO task_logs VALUES (?, 2, ?, 'INFO', 1, 'hello', '{}')`).run(values.task_id, AT);
  }
  // The highest number was given to a task that is gone: it is not given again.
  connection.exec(`UPDATE sqlite_sequence SET seq = 500 WHERE name = 'tasks'`);
  return z.array(z.record(z.string(), z.unknown())).parse(connection.prepare('SELECT * FROM tasks').all());
}

test('tasks_of_schema_1_keep_every_column_their_steps_and_their_log', () => {
  const old = openDatabase(file, MIGRATIONS.slice(0, 1));
  const before = fillSchema1(old);
  old.close();

  const connection = openDatabase(file);
  const tasks = createTaskStore(connection);
  const history = createTaskHistoryStore(connection);
  const after = z.array(z.record(z.string(), z.unknown())).parse(connection.prepare('SELECT * FROM tasks').all());
  expect(after).toHaveLength(before.length);
  for (const [i, row] of before.entries()) {
    expect(after[i]).toMatchObject(row);
    const task = tasks.find(String(row.task_id))!;
    expect(task.work).toBe(row.n_atoms);
    expect(task.queued_at).toBe(task.status === 'PENDING' ? null : AT);
    expect(task.queue_time).toBe(task.status === 'PENDING' ? null : Date.parse(AT));
    expect(history.stepsAfter(task.task_id, 0, 10)).toHaveLength(1);
    expect(history.countLogs(task.task_id, 'DEBUG')).toBe(1);
    expect(tasks.count({ owner: 'local', status: task.status })).toBe(1);
  }
  expect(connection.pragma('foreign_key_check')).toEqual([]);
  expect(tasks.insert(exampleTask(), { work: 8, size_class: 6 }, null).submitted_order).toBe(501);
  connection.close();
});

test('what_waits_and_what_was_measured_is_known_to_the_queue', () => {
  const old = openDatabase(file, MIGRATIONS.slice(0, 1));
  fillSchema1(old);
  old.close();
  const connection = openDatabase(file);
  const work = createQueuedWorkStore(connection);
  expect(work.streams()).toEqual([{ fair_key: '', priority_rank: 0 }]);
  const [waiting] = work.waiting();
  expect(waiting).toMatchObject({ n: 1, work: 101, model: 'uff4mof' });
  expect(work.measurements({ ...waiting!, size_class: 13 }, null, 1, 10)).toEqual([{ work: 104, seconds: 12.5 }]);
  connection.close();
});

test('a_task_that_is_removed_takes_its_history_tags_and_dependencies_along', () => {
  const connection = openDatabase(file);
  const tasks = createTaskStore(connection);
  const size = { work: 8, size_class: 6 };
  const first = tasks.insert(exampleTask({ tags: ['a', 'b'] }), size, null).task_id;
  const second = tasks.insert(exampleTask({ depends_on: [first] }), size, null).task_id;
  createTaskHistoryStore(connection).addLog(first, 1, {
    timestamp: AT,
    level: 'INFO',
    message: 'hello',
    context: {},
  });
  tasks.cancel(first, 'PENDING', AT);
  expect(tasks.count({ owner: 'local', tag: 'a', status: 'CANCELLED' })).toBe(1);
  expect(tasks.remove(first)).toBe(true);
  for (const table of ['task_logs', 'task_tags', 'task_dependencies']) {
    expect(connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
  }
  expect(tasks.count({ owner: 'local', tag: 'a' })).toBe(0);
  expect(tasks.count({ owner: 'local' })).toBe(1);
  expect(tasks.remove(second)).toBe(false);
  connection.close();
});
