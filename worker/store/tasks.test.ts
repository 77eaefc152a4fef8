import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTaskHistoryStore } from './task-history.ts';
import type { TaskHistoryStore } from './task-history.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createTaskStore } from './tasks.ts';
import type { NewTask, TaskRow, TaskStore } from './tasks.ts';
import { exampleTask } from './testing/example-task.ts';

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

const SIZE = { work: 8, size_class: 6 };
const NO_METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const REACHED = { progress: 0, stage: null, attempt_seconds: null };

function insertQueued(changes: Partial<NewTask> = {}): TaskRow {
  return tasks.insert(exampleTask(changes), SIZE, { queued_at: NOW, queue_time: 1 });
}

describe('tasks in the database', () => {
  test('a_transition_from_another_status_changes_nothing', () => {
    const { task_id } = insertQueued();
    expect(tasks.start(task_id, NOW, false)).toBe(false);
    expect(tasks.complete(task_id, NOW, 1, NO_METRICS)).toBe(false);
    expect(tasks.cancel(task_id, 'RUNNING', NOW)).toBe(false);
    expect(tasks.find(task_id)?.status).toBe('QUEUED');
  });

  test('a_row_comes_back_as_it_went_in', () => {
    const task = exampleTask({ parameters: { fmax: 1e-5, deep: { list: [1, 'two', null] } } });
    tasks.insert(task, SIZE, null);
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

  test('lists_filter_by_name_tag_batch_and_priority_alone_and_together', () => {
    insertQueued({ name: 'Screening of MOFs', tags: ['lab', 'old'], priority: 'HIGH', batch_id: 'batch_1' });
    insertQueued({ name: '100%_sure', structure_name: 'HKUST-1', tags: ['lab'], batch_id: 'batch_1' });
    insertQueued({ structure_name: 'Ünknown', priority: 'HIGH' });
    const names = (filter: Omit<Parameters<TaskStore['list']>[0], 'owner'>) => {
      const { rows, total } = tasks.page({ owner: 'local', ...filter }, 10, 0);
      expect(total).toBe(rows.length);
      expect(tasks.page({ owner: 'nobody', ...filter }, 10, 0)).toEqual({ rows: [], total: 0 });
      return rows.map(({ name, structure_name }) => name ?? structure_name);
    };
    expect(names({ tag: 'lab' })).toEqual(['100%_sure', 'Screening of MOFs']);
    expect(names({ tag: 'la' })).toEqual([]);
    expect(names({ tag: 'lab', priority: 'HIGH' })).toEqual(['Screening of MOFs']);
    expect(names({ tag: 'lab', search: 'hkust' })).toEqual(['100%_sure']);
    expect(names({ tag: 'lab', created_after: '2020-01-01', status: 'QUEUED' })).toHaveLength(2);
    expect(names({ batch_id: 'batch_1', search: 'SCREEN' })).toEqual(['Screening of MOFs']);
    expect(names({ search: '%' })).toEqual(['100%_sure']);
    expect(names({ search: 'ünk' })).toEqual(['Ünknown']);
    expect(names({ priority: 'HIGH' })).toEqual(['Ünknown', 'Screening of MOFs']);
    expect(names({ search: 'sure', created_before: '2020-01-01' })).toEqual([]);
  });

  test.each([{}, { tag: 'lab' }, { search: 'rock' }, { created_after: '2020-01-01' }, { status: 'QUEUED' as const }])(
    'pages_of_%j_read_from_either_end_are_the_whole_list',
    (filter) => {
      const all = Array.from({ length: 23 }, () => insertQueued({ tags: ['lab'] }).task_id).reverse();
      for (const size of [1, 4, 23, 40]) {
        const pages = Array.from({ length: Math.ceil(23 / size) + 1 }, (_, i) =>
          tasks.page({ owner: 'local', ...filter }, size, i * size),
        );
        expect(pages.flatMap(({ rows }) => rows.map(({ task_id }) => task_id))).toEqual(all);
        expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([23]));
      }
    },
  );

  test('more_than_five_thousand_that_fit_are_counted_and_paged_as_well', () => {
    connection.transaction(() => {
      for (let i = 0; i < 5001; i += 1) insertQueued({ tags: ['lab'] });
    })();
    const numbersAt = (filter: object, offset: number): number[] => {
      const { rows, total } = tasks.page({ owner: 'local', ...filter }, 3, offset);
      expect(total, JSON.stringify(filter)).toBe(5001);
      return rows.map(({ submitted_order }) => submitted_order);
    };
    const filters = [{ search: 'rock' }, { search: 'rock', status: 'QUEUED' }, { search: 'ro' }];
    for (const filter of [...filters, { created_after: '2020-01-01' }, { created_before: '2030-01-01', tag: 'lab' }]) {
      expect(numbersAt(filter, 0)).toEqual([5001, 5000, 4999]);
      expect(numbersAt(filter, 4998)).toEqual([3, 2, 1]);
      expect(numbersAt(filter, 4999)).toEqual([2, 1]);
      expect(numbersAt(filter, 6000)).toEqual([]);
    }
  });

  test('event_numbers_grow_and_progress_never_falls', () => {
    const { task_id } = insertQueued();
    expect(tasks.advance(task_id, 3, { ...REACHED, progress: 40 })).toBe(3);
    expect(tasks.advance(task_id, 1, { ...REACHED, progress: 20 })).toBe(4);
    expect(tasks.find(task_id)?.progress).toBe(40);
    expect(tasks.advance('task_aaaaaaaaaaaaaaaa', 1, REACHED)).toBeNull();
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
