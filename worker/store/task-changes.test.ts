// Tasks that change while they exist, and the sums that must follow.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { exampleTask } from './testing/example-task.ts';
import type { NewTask } from './tasks.ts';

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-changes-'));
  store = openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const QUEUED = { queued_at: '2026-01-01T00:00:00.000Z', queue_time: 1 };

function insert(changes: Partial<NewTask>): string {
  return store.tasks.insert(exampleTask(changes), { work: 8, size_class: 6 }, QUEUED).task_id;
}

function waitingByRank(): [number, number, number][] {
  return store.queuedWork.waiting().map(({ priority_rank, n, work }) => [priority_rank, n, work]);
}

test('name_tags_and_priority_change_and_what_is_not_given_stays', () => {
  const task_id = insert({ name: 'first', tags: ['a', 'b'] });
  store.taskChanges.change(task_id, { tags: ['b', 'c', 'c'], priority: 'HIGH' });
  expect(store.tasks.find(task_id)).toMatchObject({ name: 'first', tags: ['b', 'c'], priority: 'HIGH' });
  store.taskChanges.change(task_id, { name: null });
  expect(store.tasks.find(task_id)).toMatchObject({ name: null, tags: ['b', 'c'] });
});

test('a_new_name_is_found_and_the_old_one_is_not', () => {
  const task_id = insert({ name: 'Zinc' });
  store.taskChanges.change(task_id, { name: 'Copper' });
  expect(store.tasks.list({ owner: 'local', search: 'copper' }, 10, 0)).toHaveLength(1);
  expect(store.tasks.list({ owner: 'local', search: 'zinc' }, 10, 0)).toHaveLength(0);
});

test('kept_counts_follow_tags_priorities_and_removal', () => {
  const changed = insert({ tags: ['a', 'b'] });
  const other = insert({ tags: ['b'] });
  const count = (filter: object): number => store.tasks.count({ owner: 'local', ...filter });
  store.taskChanges.change(changed, { tags: ['b', 'c'], priority: 'LOW' });
  expect([count({ tag: 'a' }), count({ tag: 'b' }), count({ tag: 'c' })]).toEqual([0, 2, 1]);
  expect([count({ priority: 'LOW' }), count({ priority: 'NORMAL' })]).toEqual([1, 1]);
  expect(count({ priority: 'LOW', tag: 'c' })).toBe(1);

  store.tasks.cancel(changed, 'QUEUED', QUEUED.queued_at);
  expect(count({ tag: 'c', status: 'CANCELLED', priority: 'LOW' })).toBe(1);
  store.tasks.remove(changed);
  expect([count({}), count({ tag: 'b' }), count({ tag: 'c' }), count({ priority: 'LOW' })]).toEqual([1, 1, 0, 0]);
  store.taskChanges.change(other, { tags: [] });
  expect([count({}), count({ tag: 'b' })]).toEqual([1, 0]);
});

test('waiting_work_moves_to_the_new_priority', () => {
  const task_id = insert({});
  insert({});
  store.taskChanges.change(task_id, { priority: 'CRITICAL' });
  expect(waitingByRank().sort()).toEqual([
    [1, 1, 8],
    [3, 1, 8],
  ]);
});

test('the_priority_of_a_task_that_waits_no_more_stays', () => {
  const task_id = insert({});
  store.tasks.cancel(task_id, 'QUEUED', QUEUED.queued_at);
  store.taskChanges.change(task_id, { priority: 'LOW' });
  expect(store.tasks.find(task_id)?.priority).toBe('NORMAL');
});
