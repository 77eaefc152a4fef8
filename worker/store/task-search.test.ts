// Through the index of trigrams or past it: the same tasks are found, after every change of a name.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createTaskChangesStore } from './task-changes.ts';
import { createTaskStore } from './tasks.ts';
import type { TaskStore } from './tasks.ts';
import { exampleTask } from './testing/example-task.ts';

const QUEUED = { queued_at: '2026-01-01T00:00:00.000Z', queue_time: 1 };
const SIZE = { work: 8, size_class: 6 };

let connection: Connection;
let tasks: TaskStore;

beforeEach(() => {
  connection = openDatabase(':memory:');
  tasks = createTaskStore(connection);
});
afterEach(() => {
  connection.close();
});

const insert = (name: string | null, structure_name = 'MOF-5'): string =>
  tasks.insert(exampleTask({ name, structure_name }), SIZE, QUEUED).task_id;

const found = (search: string, rest: Partial<Parameters<TaskStore['page']>[0]> = {}): string[] =>
  tasks.page({ owner: 'local', search, ...rest }, 100, 0).rows.map(({ task_id }) => task_id);

const LETTERS = fc.constantFrom('a', 'B', 'b', '"', "'", '%', '*', ' ', '-', 'Ü', 'ü', 'ß', '苯', '\u0000', '😀');
const NAME = fc.string({ unit: LETTERS, minLength: 1, maxLength: 8 });

test('every_part_of_a_name_is_found_and_nothing_else', () => {
  fc.assert(
    fc.property(fc.array(NAME, { maxLength: 8 }), NAME, fc.boolean(), (names, search, isFiltered) => {
      connection.exec('BEGIN');
      try {
        const made = names.map((name) => ({ name, task_id: insert(name, 'x') }));
        const expected = made.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
        const rest = isFiltered ? { status: 'QUEUED' as const } : {};
        expect(found(search, rest)).toEqual(expected.map(({ task_id }) => task_id).reverse());
      } finally {
        connection.exec('ROLLBACK');
      }
    }),
    { examples: [[[' \u0000üÜ'], ' Üü', false]] },
  );
});

test('a_new_name_is_found_and_the_old_one_is_not', () => {
  const task_id = insert('the first name');
  const other = insert('another');
  createTaskChangesStore(connection).change(task_id, { name: 'second' });
  expect([found('first'), found('second'), found('mof-5')]).toEqual([[], [task_id], [other, task_id]]);
});

test('a_task_that_was_removed_is_found_no_more', () => {
  const task_id = insert('gone');
  tasks.cancel(task_id, 'QUEUED', '2026-01-01T00:00:00.000Z');
  tasks.remove(task_id);
  expect(tasks.page({ owner: 'local', search: 'gone' }, 10, 0)).toEqual({ rows: [], total: 0 });
});

test('what_another_owner_has_is_not_found', () => {
  connection.prepare('INSERT INTO users VALUES (?, ?, ?)').run('guest', 'guest', '2026-01-01T00:00:00.000Z');
  const mine = insert('shared name');
  const theirs = tasks.insert(exampleTask({ name: 'shared name', owner: 'guest' }), SIZE, QUEUED).task_id;
  expect([found('shared'), found('shared', { owner: 'guest' })]).toEqual([[mine], [theirs]]);
});

test('tasks_from_before_the_index_are_found', () => {
  connection.close();
  connection = openDatabase(':memory:', MIGRATIONS.slice(0, 8));
  tasks = createTaskStore(openWithSearch(connection));
  expect(found('older')).toHaveLength(1);
});

/** One task of schema 8, then the migration. */
function openWithSearch(old: Connection): Connection {
  old
    .prepare(
      `INSERT INTO tasks (task_id, owner, task_type, model, parameters, structure_source, structure_name, search_text,
                          priority, status, max_attempts, created_at)
       VALUES ('task_aaaaaaaaaaaaaaaa', 'local', 'optimization', 'uff4mof', '{}', '{"source":"builtin","name":"a"}', 'a',
               'an older one', 'LOW', 'PENDING', 3, '2026-01-01T00:00:00.000Z')`,
    )
    .run();
  for (const { sql } of MIGRATIONS.slice(8)) old.exec(sql);
  return old;
}
