// The statements that are asked all the time go through the indexes that are made for them.
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './open-database.ts';
import { createQueuedWorkStore } from './queued-work.ts';
import { createTaskLists } from './task-lists.ts';
import type { TaskFilter } from './task-lists.ts';
import { createTaskStore } from './tasks.ts';

let connection: Database.Database;
/** What has been prepared since the last look. */
let prepared: string[] = [];

beforeEach(() => {
  connection = openDatabase(':memory:');
  prepared = [];
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (text: string) => {
    prepared.push(text);
    return prepare(text);
  };
});
afterEach(() => {
  connection.close();
});

/** The plans of those among the prepared statements that contain `part`. */
function plansOf(part: string): string {
  const texts = prepared.filter((text) => text.includes(part));
  expect(texts, part).not.toEqual([]);
  const plan = new Database(connection.serialize());
  try {
    return texts
      .map((text) => {
        const steps = plan.prepare(`EXPLAIN QUERY PLAN ${text}`);
        const names = [...text.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, 1] as const);
        const named: Record<string, number> = Object.fromEntries(names);
        return JSON.stringify(names.length > 0 ? steps.all(named) : steps.all([...text.matchAll(/\?/g)].map(() => 1)));
      })
      .join('\n');
  } finally {
    plan.close();
  }
}

describe('the claim', () => {
  test.each([
    ['SELECT submitted_order, queue_time', 'USING INDEX tasks_waiting'],
    ['SELECT fair_key, count(*)', 'USING INDEX tasks_active'],
    ['SELECT min(not_before)', 'USING COVERING INDEX tasks_delayed'],
    ['SELECT queue_time FROM tasks', 'USING COVERING INDEX tasks_places (priority=?)'],
    ['SELECT DISTINCT fair_key', 'SCAN queued_work'],
    ['SELECT work, seconds', 'USING COVERING INDEX measurements_of_kind'],
    ['SELECT count(*) FROM tasks INDEXED BY tasks_places', 'USING COVERING INDEX tasks_places'],
  ])('%s: %s', (part, expected) => {
    createQueuedWorkStore(connection);
    expect(plansOf(part)).toContain(expected);
  });

  test('reads_a_stream_in_order_instead_of_sorting_it', () => {
    createQueuedWorkStore(connection);
    expect(plansOf('SELECT submitted_order, queue_time')).not.toContain('TEMP B-TREE');
  });
});

describe('moves', () => {
  test('find_their_row_by_its_id_and_active_tasks_by_their_state', () => {
    createTaskStore(connection);
    for (const part of ["SET status = 'ASSIGNED'", "SET status = 'COMPLETED'", 'SET event_sequence']) {
      expect(plansOf(part)).toContain('(task_id=?)');
    }
    expect(plansOf('ORDER BY submitted_order')).toContain('tasks_active');
  });
});

describe('a list', () => {
  const CASES: [Partial<TaskFilter>, string][] = [
    [{}, 'USING COVERING INDEX tasks_newest'],
    [{ model: 'uff4mof', task_type: 'stability', priority: 'LOW' }, 'USING COVERING INDEX tasks_newest'],
    [{ status: 'QUEUED' }, 'USING COVERING INDEX tasks_listed'],
    [{ status: 'QUEUED', model: 'uff4mof' }, 'USING COVERING INDEX tasks_listed'],
    [{ created_after: '2026-01-01' }, 'USING COVERING INDEX tasks_created'],
    [{ created_after: '2026-01-01', status: 'FAILED' }, 'USING COVERING INDEX tasks_created'],
    [{ search: 'mo' }, 'USING COVERING INDEX tasks_texts'],
    [{ search: 'mo', status: 'FAILED' }, 'USING COVERING INDEX tasks_searched'],
    [{ search: 'mof' }, 'SCAN task_search VIRTUAL TABLE'],
    [
      { search: 'mof', status: 'FAILED' },
      'USING COVERING INDEX tasks_newest (owner=? AND submitted_order=? AND status=?)',
    ],
    [{ batch_id: 'batch_1' }, 'USING INDEX tasks_of_batch'],
    [{ tag: 'lab' }, 'USING COVERING INDEX tasks_newest (owner=? AND submitted_order=?)'],
    [{ tag: 'lab', created_after: '2026-01-01', status: 'FAILED' }, 'SEARCH task_tags USING PRIMARY KEY (tag=?)'],
    [{ tag: 'lab', search: 'mof' }, 'USING COVERING INDEX tasks_searched (owner=? AND submitted_order=?)'],
  ];
  test.each(CASES)('by %j: %s, read in order', (filter, expected) => {
    createTaskLists(connection).page({ owner: 'local', ...filter }, 20, 0);
    const plan = plansOf('LIMIT :limit');
    expect(plan).toContain(expected);
    // Only the rows of the page itself may be sorted.
    for (const line of plan.split('\n')) expect(line.split('TEMP B-TREE').length).toBeLessThanOrEqual(2);
  });

  test('is_counted_from_kept_sums_as_far_as_they_know_the_filter', () => {
    createTaskLists(connection).count({ owner: 'local', status: 'QUEUED', tag: 'lab', model: 'uff4mof' });
    expect(plansOf('AS total')).toContain('SEARCH task_counts USING PRIMARY KEY (owner=? AND tag=? AND status=?');
  });
});
