import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTaskHistoryStore } from './task-history.ts';
import type { TaskHistoryStore } from './task-history.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createTaskStore } from './tasks.ts';
import type { NewTask, TaskRow, TaskStore } from './tasks.ts';
import { exampleTask } from './testing/example-task.ts';

const CPU = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const NOW = '2026-01-01T00:00:10.000Z';

let connection: Connection;
let tasks: TaskStore;
let history: TaskHistoryStore;

beforeEach(() => {
  connection = openDatabase(':memory:');
  tasks = createTaskStore(connection);
  history = createTaskHistoryStore(connection);
});
afterEach(() => {
  connection.close();
});

function insertQueued(changes: Partial<NewTask> = {}): TaskRow {
  const task = tasks.insertPending(exampleTask(changes));
  tasks.enqueue(task.task_id);
  return task;
}

describe('tasks in the database', () => {
  test('claims_follow_priority_and_then_the_order_of_submission', () => {
    const low = insertQueued({ priority: 'LOW' });
    const normal1 = insertQueued();
    const critical = insertQueued({ priority: 'CRITICAL' });
    const normal2 = insertQueued();
    const high = insertQueued({ priority: 'HIGH' });
    const claimed = Array.from({ length: 6 }, () => tasks.claim(CPU)?.task_id);
    expect(claimed).toEqual([critical, high, normal1, normal2, low, undefined].map((task) => task?.task_id));
  });

  test('a_claim_reads_the_index_instead_of_sorting', () => {
    const plan = connection
      .prepare(
        `EXPLAIN QUERY PLAN SELECT task_id FROM tasks WHERE status = 'QUEUED'
           ORDER BY priority_rank DESC, submitted_order LIMIT 1`,
      )
      .all();
    expect(JSON.stringify(plan)).toContain('tasks_waiting');
    expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
  });

  test('a_transition_from_another_status_changes_nothing', () => {
    const { task_id } = insertQueued();
    expect(tasks.start(task_id, NOW)).toBe(false);
    expect(tasks.complete(task_id, NOW, 1)).toBe(false);
    expect(tasks.cancel(task_id, 'RUNNING', NOW)).toBe(false);
    expect(tasks.find(task_id)?.status).toBe('QUEUED');
  });

  test('a_row_comes_back_as_it_went_in', () => {
    const task = exampleTask({ parameters: { fmax: 1e-5, deep: { list: [1, 'two', null] } } });
    tasks.insertPending(task);
    expect(tasks.find(task.task_id)).toMatchObject({
      ...task,
      status: 'PENDING',
      progress: 0,
      attempts: 0,
      error: null,
    });
  });

  test('lists_filter_by_every_column_and_count_what_they_filter', () => {
    insertQueued({ created_at: '2026-01-01T00:00:00.000Z' });
    insertQueued({ created_at: '2026-01-02T00:00:00.000Z', task_type: 'single-point-energy' });
    const third = insertQueued({ created_at: '2026-01-03T00:00:00.000Z', model: 'other' });
    const ids = (filter: Omit<Parameters<TaskStore['list']>[0], 'owner'>) => {
      const rows = tasks.list({ owner: 'local', ...filter }, 10, 0);
      expect(tasks.count({ owner: 'local', ...filter })).toBe(rows.length);
      return rows.map(({ created_at }) => created_at.slice(8, 10));
    };
    expect(ids({})).toEqual(['03', '02', '01']);
    expect(ids({ task_type: 'single-point-energy' })).toEqual(['02']);
    expect(ids({ model: 'other' })).toEqual(['03']);
    expect(ids({ status: 'PENDING' })).toEqual([]);
    expect(ids({ created_after: '2026-01-01T00:00:00.000Z' })).toEqual(['03', '02']);
    expect(ids({ created_before: third.created_at })).toEqual(['02', '01']);
    expect(tasks.list({ owner: 'somebody else' }, 10, 0)).toEqual([]);
    expect(tasks.list({ owner: 'local' }, 1, 1).map(({ created_at }) => created_at.slice(8, 10))).toEqual(['02']);
  });

  test('event_numbers_grow_and_progress_never_falls', () => {
    const { task_id } = insertQueued();
    expect(tasks.advance(task_id, 3, 40)).toBe(3);
    expect(tasks.advance(task_id, 1, 20)).toBe(4);
    expect(tasks.find(task_id)?.progress).toBe(40);
    expect(tasks.advance('task_aaaaaaaaaaaaaaaa', 1, 0)).toBeNull();
  });

  test('logs_are_filtered_by_level_and_paged', () => {
    const { task_id } = insertQueued();
    const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
    levels.forEach((level, i) => {
      history.addLog(task_id, i + 1, { timestamp: NOW, level, message: `line ${i}`, context: { i } });
    });
    expect(history.logs(task_id, 'WARNING', 2, 1).map(({ level }) => level)).toEqual(['ERROR', 'CRITICAL']);
    expect(history.countLogs(task_id, 'WARNING')).toBe(3);
    expect(history.logsAfter(task_id, 3, 10).map(({ sequence }) => sequence)).toEqual([4, 5]);
  });
});
