// Lists and counts of tasks by filter. Counts come from sums that are kept, as far as the filter allows.
import { z } from 'zod';
import type { Priority } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { Connection, Statement } from './open-database.ts';
import { taskRowSchema } from './task-row.ts';
import type { TaskRow } from './task-row.ts';

export interface TaskFilter {
  owner: string;
  status?: TaskStatus | undefined;
  task_type?: TaskType | undefined;
  model?: string | undefined;
  priority?: Priority | undefined;
  tag?: string | undefined;
  batch_id?: string | undefined;
  /** Part of the name or of the structure's name, without regard to case. */
  search?: string | undefined;
  /** ISO 8601 in UTC with milliseconds, as stored. */
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export interface TaskLists {
  /** Newest first. */
  list(filter: TaskFilter, limit: number, offset: number): TaskRow[];
  count(filter: TaskFilter): number;
}

const CONDITIONS: Readonly<Record<keyof TaskFilter, string>> = {
  owner: 'owner = :owner',
  status: 'status = :status',
  task_type: 'task_type = :task_type',
  model: 'model = :model',
  priority: 'priority = :priority',
  tag: 'submitted_order IN (SELECT submitted_order FROM task_tags WHERE tag = :tag)',
  batch_id: 'batch_id = :batch_id',
  search: 'instr(search_text, :search) > 0',
  created_after: 'created_at > :created_after',
  created_before: 'created_at < :created_before',
};

/** The filters that task_counts knows. */
const COUNTED: readonly (keyof TaskFilter)[] = ['owner', 'status', 'task_type', 'model', 'priority', 'tag'];

export function createTaskLists(connection: Connection): TaskLists {
  // One statement per combination of filters in use: each gets the index that is made for it.
  const statements = new Map<string, { list: Statement; count: Statement }>();
  const statementsFor = (filter: TaskFilter) => {
    const given = givenFilters(filter);
    const key = given.join();
    const known = statements.get(key) ?? prepare(connection, given);
    statements.set(key, known);
    return known;
  };
  return {
    list: (filter, limit, offset) =>
      z.array(taskRowSchema).parse(statementsFor(filter).list.all({ ...valuesOf(filter), limit, offset })),
    count: (filter) => z.object({ total: z.int() }).parse(statementsFor(filter).count.get(valuesOf(filter))).total,
  };
}

function givenFilters(filter: TaskFilter): (keyof TaskFilter)[] {
  const names: (keyof TaskFilter)[] = [
    'owner',
    'status',
    'task_type',
    'model',
    'priority',
    'tag',
    'batch_id',
    'search',
    'created_after',
    'created_before',
  ];
  return names.filter((name) => filter[name] !== undefined);
}

function valuesOf(filter: TaskFilter): Record<string, string> {
  const values = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(values.map(([name, value]) => [name, name === 'search' ? value.toLowerCase() : value]));
}

/** The texts come from the tables above and never from a request. */
function prepare(connection: Connection, given: readonly (keyof TaskFilter)[]) {
  const where = given.map((name) => CONDITIONS[name]).join(' AND ');
  const from = `FROM tasks ${indexFor(given)} WHERE ${where}`;
  const list = connection.prepare(
    // The page is found in the index; only its rows are read.
    `SELECT * FROM tasks WHERE submitted_order IN (SELECT submitted_order ${from} ORDER BY submitted_order DESC
                                                   LIMIT :limit OFFSET :offset)
      ORDER BY submitted_order DESC`,
  );
  if (!given.every((name) => COUNTED.includes(name))) {
    return { list, count: connection.prepare(`SELECT count(*) AS total ${from}`) };
  }
  const sums = given.filter((name) => name !== 'tag').map((name) => CONDITIONS[name]);
  const tag = given.includes('tag') ? ':tag' : "''";
  const count = `SELECT coalesce(sum(n), 0) AS total FROM task_counts WHERE tag = ${tag} AND ${sums.join(' AND ')}`;
  return { list, count: connection.prepare(count) };
}

/** The index that answers from itself; the most telling filter decides. */
function indexFor(given: readonly (keyof TaskFilter)[]): string {
  if (given.includes('batch_id')) return 'INDEXED BY tasks_of_batch';
  if (given.includes('tag')) return '';
  if (given.includes('search')) return 'INDEXED BY tasks_searched';
  if (given.includes('status')) return 'INDEXED BY tasks_listed';
  return 'INDEXED BY tasks_newest';
}
