// Lists and counts of tasks by filter. Counts come from sums that are kept, as far as the filter allows.
import { z } from 'zod';
import type { Priority } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import type { Connection, Statement } from './open-database.ts';
import { foldText, taskRowSchema } from './task-row.ts';
import type { TaskRow } from './task-row.ts';
import { createTaskSearch } from './task-search.ts';

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
  /** A part of the list, and how long all of it is: cheaper than both apart. */
  page(filter: TaskFilter, limit: number, offset: number): { rows: TaskRow[]; total: number };
}

/** `match`, in the place of `search`: the same, asked of the index of trigrams. */
type Asked = Omit<TaskFilter, 'owner'> & { owner?: string | undefined; match?: string };

const CONDITIONS = {
  owner: 'owner = :owner',
  status: 'status = :status',
  task_type: 'task_type = :task_type',
  model: 'model = :model',
  priority: 'priority = :priority',
  tag: 'tag = :tag',
  batch_id: 'batch_id = :batch_id',
  search: 'instr(search_text, :search) > 0',
  created_after: 'created_at > :created_after',
  created_before: 'created_at < :created_before',
  match: 'task_search MATCH :match',
} as const satisfies Record<keyof Asked, string>;

const FILTERS: readonly (keyof Asked)[] = [
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
  'match',
];

/** The filters that task_counts knows. */
const COUNTED: readonly (keyof Asked)[] = ['owner', 'status', 'task_type', 'model', 'priority', 'tag'];

/** So many that fit a filter are found and counted in one go; those behind them are only counted. */
const FEW = 5000;

interface FilterStatements {
  /** false: the kept sums know the total. */
  isScanned: boolean;
  /** Their numbers, newest first. */
  numbers: Statement;
  newestFirst: Statement;
  oldestFirst: Statement;
  count: Statement;
  /** Those behind a number, in the order of the list. */
  countBehind: Statement;
}

const rows = z.array(taskRowSchema);
const numbersSchema = z.array(z.int());
const totalSchema = z.object({ total: z.int() });

export function createTaskLists(connection: Connection): TaskLists {
  // One set of statements per combination of filters in use: each gets the index that is made for it.
  const statements = new Map<string, FilterStatements>();
  const search = createTaskSearch(connection);
  const statementsFor = (filter: Asked): FilterStatements => {
    const given = FILTERS.filter((name) => filter[name] !== undefined);
    const key = given.join();
    const known = statements.get(key) ?? prepare(connection, given);
    statements.set(key, known);
    return known;
  };
  const list = (filter: Asked, limit: number, offset: number): TaskRow[] =>
    rows.parse(statementsFor(filter).newestFirst.all({ ...valuesOf(filter), limit, offset }));
  const count = (filter: Asked): number => totalSchema.parse(statementsFor(filter).count.get(valuesOf(filter))).total;
  const byNumbers = connection.prepare(`SELECT * FROM tasks WHERE submitted_order IN (SELECT value FROM json_each(?))`);
  /** In the order of the numbers. */
  const rowsOf = (numbers: readonly number[]): TaskRow[] =>
    rows
      .parse(byNumbers.all(JSON.stringify(numbers)))
      .sort((a, b) => numbers.indexOf(a.submitted_order) - numbers.indexOf(b.submitted_order));
  /** The first few, and how many there are: what fits is looked for once. */
  const firstNumbers = (filter: Asked): { numbers: number[]; total: number } => {
    const { numbers: find, countBehind } = statementsFor(filter);
    const numbers = numbersSchema.parse(find.all({ ...valuesOf(filter), limit: FEW }));
    const last = numbers[FEW - 1];
    if (last === undefined) return { numbers, total: numbers.length };
    const behind = totalSchema.parse(countBehind.get({ ...valuesOf(filter), last })).total;
    return { numbers, total: numbers.length + behind };
  };
  /** Through the index of trigrams where that is the shorter way. */
  const searched = ({ search: text, ...others }: TaskFilter): Asked => {
    const match = text === undefined ? null : search.matchOf(text);
    const isFew = others.tag !== undefined || others.batch_id !== undefined;
    if (match === null || isFew) return { search: text, ...others };
    const { owner, ...more } = others;
    const isAlone = Object.values(more).every((value) => value === undefined);
    if (isAlone && search.isOnlyOwner(owner)) return { match };
    return search.hasFew(match, FEW) ? { match, ...others } : { search: text, ...others };
  };
  return {
    list,
    count,
    page: (given, limit, offset) => {
      const filter = searched(given);
      const first = statementsFor(filter).isScanned ? firstNumbers(filter) : null;
      const total = first?.total ?? count(filter);
      if (first !== null && (total <= FEW || offset + limit <= FEW))
        return { rows: rowsOf(first.numbers.slice(offset, offset + limit)), total };
      const n = Math.min(limit, total - offset);
      if (n <= 0) return { rows: [], total };
      // Whatever is skipped is passed over one by one: the nearer end is the cheaper one to start from.
      if (offset <= total / 2) return { rows: list(filter, n, offset), total };
      const fromTheEnd = { ...valuesOf(filter), limit: n, offset: total - offset - n };
      return { rows: rows.parse(statementsFor(filter).oldestFirst.all(fromTheEnd)), total };
    },
  };
}

function valuesOf(filter: Asked): Record<string, string> {
  const values = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(values.map(([name, value]) => [name, name === 'search' ? foldText(value) : value]));
}

/** The texts come from the tables above and never from a request. */
function prepare(connection: Connection, given: readonly (keyof Asked)[]): FilterStatements {
  const index = indexFor(given);
  const where = given.map((name) => CONDITIONS[name]).join(' AND ');
  const from = `FROM ${tablesFor(given, index)} WHERE ${where}`;
  const order = (direction: 'ASC' | 'DESC', by = 'submitted_order'): string => {
    const newest = `${by} ${direction}`;
    return index === 'tasks_created' ? `created_at ${direction}, ${newest}` : newest;
  };
  const number = numberFor(given);
  const behind =
    index === 'tasks_created'
      ? '(created_at, submitted_order) < (SELECT created_at, submitted_order FROM tasks WHERE submitted_order = :last)'
      : `${number} < :last`;
  // The page is found in the index; only its rows are read.
  const listed = (direction: 'ASC' | 'DESC'): Statement =>
    connection.prepare(
      `SELECT * FROM tasks WHERE submitted_order IN (
         SELECT ${number} ${from} ORDER BY ${order(direction, number)} LIMIT :limit OFFSET :offset)
        ORDER BY ${order('DESC')}`,
    );
  return {
    isScanned: given.join() !== 'match' && !given.every((name) => COUNTED.includes(name)),
    numbers: connection.prepare(`SELECT ${number} ${from} ORDER BY ${order('DESC', number)} LIMIT :limit`).pluck(),
    newestFirst: listed('DESC'),
    oldestFirst: listed('ASC'),
    count: connection.prepare(countText(given, from)),
    countBehind: connection.prepare(`SELECT count(*) AS total ${from} AND ${behind}`),
  };
}

/** What counts the tasks in the table that says which they are. */
function numberFor(given: readonly (keyof Asked)[]): string {
  if (given.includes('match')) return 'task_search.rowid';
  return given.includes('tag') ? 'task_tags.submitted_order' : 'submitted_order';
}

/** CROSS JOIN keeps the order: tag or text say which tasks, and an index of tasks has all that else is asked of them. */
function tablesFor(given: readonly (keyof Asked)[], index: string): string {
  const tasks = `tasks INDEXED BY ${index}`;
  if (given.join() === 'match') return 'task_search';
  if (given.includes('match')) return `task_search CROSS JOIN ${tasks} ON tasks.submitted_order = task_search.rowid`;
  if (!given.includes('tag')) return tasks;
  return `task_tags CROSS JOIN ${tasks} ON tasks.submitted_order = task_tags.submitted_order`;
}

function countText(given: readonly (keyof Asked)[], from: string): string {
  if (!given.every((name) => COUNTED.includes(name))) return `SELECT count(*) AS total ${from}`;
  const conditions = given.filter((name) => name !== 'tag').map((name) => CONDITIONS[name]);
  const tag = given.includes('tag') ? ':tag' : "''";
  return `SELECT coalesce(sum(n), 0) AS total FROM task_counts WHERE tag = ${tag} AND ${conditions.join(' AND ')}`;
}

/** The index that answers from itself; the most telling filter decides. */
function indexFor(given: readonly (keyof Asked)[]): string {
  if (given.includes('batch_id')) return 'tasks_of_batch';
  if (given.join() === 'owner,search') return 'tasks_texts';
  if (given.includes('search')) return 'tasks_searched';
  if (given.includes('match')) return 'tasks_newest';
  if (given.includes('tag')) return 'tasks_newest';
  if (given.includes('created_after') || given.includes('created_before')) return 'tasks_created';
  if (given.includes('status')) return 'tasks_listed';
  return 'tasks_newest';
}
