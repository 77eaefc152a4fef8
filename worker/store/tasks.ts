// Moves of tasks. Every change of status is one UPDATE that names the status it leaves; its row count decides.
import { z } from 'zod';
import type { TaskError, TaskMetrics } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Connection } from './open-database.ts';
import { createTaskLists } from './task-lists.ts';
import type { TaskLists } from './task-lists.ts';
import { IS_ACTIVE, searchText, taskRowSchema } from './task-row.ts';
import type { NewTask, TaskRow } from './task-row.ts';

export type { NewTask, TaskRow } from './task-row.ts';

export interface Slot {
  slot_id: string;
  device: string;
  gpu_id: number | null;
}

/** What the time of computation follows from; null while the structure is not known. */
export interface Size {
  work: number | null;
  /** -1 while it is unknown. */
  size_class: number;
}

/** When a task becomes QUEUED. */
export interface QueuedAt {
  queued_at: string;
  /** Clock of the queue, ms. */
  queue_time: number;
}

export interface TaskStore extends TaskLists {
  /** A new row in its first state: QUEUED when it is told when, else PENDING; with its tags and dependencies. */
  insert(task: NewTask, size: Size, queued: QueuedAt | null, search?: 'searchable' | 'searchable_later'): TaskRow;
  /** Those that were to be searchable later: together, because FTS5 writes out what it has at every other statement. */
  makeSearchable(rows: readonly TaskRow[]): void;
  find(task_id: string): TaskRow | null;
  withStatus(status: 'PENDING' | 'ASSIGNED' | 'RUNNING'): TaskRow[];
  /** PENDING -> QUEUED */
  enqueue(task_id: string, queued: QueuedAt): boolean;
  /** QUEUED -> ASSIGNED */
  assign(task_id: string, slot: Slot): boolean;
  /** ASSIGNED -> RUNNING. A resumed attempt takes the time of those before it along. */
  start(task_id: string, now: string, is_resumed: boolean): boolean;
  /** RUNNING -> COMPLETED; the seconds are those of this attempt. */
  complete(task_id: string, now: string, seconds: number, metrics: TaskMetrics): boolean;
  /** RUNNING -> TIMEOUT */
  timeOut(task_id: string, now: string, metrics: TaskMetrics, error: TaskError): boolean;
  fail(task_id: string, from: TaskStatus, now: string, error: TaskError, is_parked: boolean): boolean;
  cancel(task_id: string, from: TaskStatus, now: string): boolean;
  /** ASSIGNED | RUNNING -> QUEUED, with its place kept. */
  requeue(task_id: string, from: TaskStatus, again: Requeue): boolean;
  /** Takes `n_events` numbers and raises the progress. Returns the last number; null when the task is gone. */
  advance(task_id: string, n_events: number, reached: Reached): number | null;
  /** The structure of a task that had to wait for it. */
  describe(task_id: string, structure: { n_atoms: number; formula: string }, size: Size): boolean;
  /** A final task and all that belongs to it in the database. */
  remove(task_id: string): boolean;
  /** Tasks that wait for this one. */
  dependants(task_id: string): string[];
  openDependencies(task_id: string): number;
  /** PENDING although nothing is waited for. */
  released(): string[];
}

export interface Requeue {
  attempts_given_back: 0 | 1;
  is_preempted: boolean;
  /** Clock of the queue, ms; null = at once. */
  not_before: number | null;
}

export interface Reached {
  progress: number;
  /** null: as before. */
  stage: string | null;
  /** Computation of this attempt so far; null: as before. */
  attempt_seconds: number | null;
}

const NEW_COLUMNS = [
  'task_id',
  'owner',
  'key_id',
  'task_type',
  'model',
  'with_d3',
  'parameters',
  'structure_source',
  'structure_name',
  'input_sha256',
  'n_atoms',
  'formula',
  'work',
  'size_class',
  'name',
  'search_text',
  'tags',
  'depends_on',
  'batch_id',
  'retry_of',
  'priority',
  'status',
  'max_attempts',
  'timeout_seconds',
  'webhook_url',
  'webhook_secret',
  'created_at',
  'queued_at',
  'queue_time',
];

const eventSequence = z.object({ event_sequence: z.int() }).nullable();
const taskRows = z.array(taskRowSchema);
const taskRowOrNull = taskRowSchema.nullable();
const taskIds = z.array(z.string());
const count = z.int();

/** All attempts that count for the result, s. */
const COMPUTED_SO_FAR = 'resumed_seconds + attempt_seconds';

export function createTaskStore(connection: Connection): TaskStore {
  const insert = connection.prepare(
    `INSERT INTO tasks (${NEW_COLUMNS.join(', ')}) VALUES (${NEW_COLUMNS.map((column) => `:${column}`).join(', ')})
     RETURNING *`,
  );
  const makeSearchable = connection.prepare('INSERT INTO task_search (rowid, search_text) VALUES (?, ?)');
  const insertTag = connection.prepare('INSERT INTO task_tags (tag, submitted_order) VALUES (?, ?)');
  const insertDependency = connection.prepare('INSERT INTO task_dependencies (task_id, depends_on) VALUES (?, ?)');
  const find = connection.prepare('SELECT * FROM tasks WHERE task_id = ?');
  const withStatus = connection.prepare(
    `SELECT * FROM tasks INDEXED BY tasks_active WHERE status = ? AND ${IS_ACTIVE} ORDER BY submitted_order`,
  );
  const enqueue = connection.prepare(
    `UPDATE tasks SET status = 'QUEUED', queued_at = :queued_at, queue_time = :queue_time
      WHERE task_id = :task_id AND status = 'PENDING'`,
  );
  const assign = connection.prepare(
    `UPDATE tasks SET status = 'ASSIGNED', slot_id = :slot_id, device = :device, gpu_id = :gpu_id,
                      attempts = attempts + 1, not_before = NULL
      WHERE task_id = :task_id AND status = 'QUEUED'`,
  );
  const start = connection.prepare(
    `UPDATE tasks SET status = 'RUNNING', started_at = :now, attempt_seconds = 0,
                      resumed_seconds = CASE WHEN :is_resumed THEN computed_seconds ELSE 0 END
      WHERE task_id = :task_id AND status = 'ASSIGNED'`,
  );
  const complete = connection.prepare(
    `UPDATE tasks SET status = 'COMPLETED', progress = 100, finished_at = :now, attempt_seconds = :seconds,
                      execution_time_seconds = resumed_seconds + :seconds,
                      peak_gpu_memory_MB = :peak_gpu_memory_MB, avg_step_time_ms = :avg_step_time_ms
      WHERE task_id = :task_id AND status = 'RUNNING'`,
  );
  const timeOut = connection.prepare(
    `UPDATE tasks SET status = 'TIMEOUT', finished_at = :now, error = :error, execution_time_seconds = ${COMPUTED_SO_FAR},
                      peak_gpu_memory_MB = :peak_gpu_memory_MB, avg_step_time_ms = :avg_step_time_ms
      WHERE task_id = :task_id AND status = 'RUNNING'`,
  );
  const executed = `execution_time_seconds = CASE WHEN started_at IS NULL THEN NULL ELSE ${COMPUTED_SO_FAR} END`;
  const fail = connection.prepare(
    `UPDATE tasks SET status = 'FAILED', finished_at = :now, error = :error, is_parked = :is_parked, ${executed}
      WHERE task_id = :task_id AND status = :from`,
  );
  const cancel = connection.prepare(
    `UPDATE tasks SET status = 'CANCELLED', finished_at = :now, ${executed} WHERE task_id = :task_id AND status = :from`,
  );
  const requeue = connection.prepare(
    `UPDATE tasks SET status = 'QUEUED', slot_id = NULL, device = NULL, gpu_id = NULL, started_at = NULL, stage = NULL,
                      progress = 0, attempts = attempts - :attempts_given_back, preemptions = preemptions + :is_preempted,
                      computed_seconds = computed_seconds + attempt_seconds, attempt_seconds = 0, resumed_seconds = 0,
                      not_before = :not_before
      WHERE task_id = :task_id AND status = :from`,
  );
  const advance = connection.prepare(
    `UPDATE tasks SET event_sequence = event_sequence + :n_events, progress = max(progress, :progress),
                      stage = coalesce(:stage, stage), attempt_seconds = coalesce(:attempt_seconds, attempt_seconds)
      WHERE task_id = :task_id RETURNING event_sequence`,
  );
  const describe = connection.prepare(
    `UPDATE tasks SET n_atoms = :n_atoms, formula = :formula, work = :work, size_class = :size_class WHERE task_id = :task_id`,
  );
  const remove = connection.prepare(
    `DELETE FROM tasks WHERE task_id = ? AND status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT')`,
  );
  const dependants = connection
    .prepare('SELECT task_id FROM task_dependencies WHERE depends_on = ? ORDER BY task_id')
    .pluck();
  const openDependencies = connection
    .prepare(
      `SELECT count(*) FROM task_dependencies d JOIN tasks t ON t.task_id = d.depends_on
        WHERE d.task_id = ? AND t.status <> 'COMPLETED'`,
    )
    .pluck();
  const released = connection
    .prepare(
      `SELECT task_id FROM tasks p INDEXED BY tasks_active WHERE status = 'PENDING' AND ${IS_ACTIVE} AND NOT EXISTS (
         SELECT 1 FROM task_dependencies d JOIN tasks t ON t.task_id = d.depends_on
          WHERE d.task_id = p.task_id AND t.status <> 'COMPLETED')`,
    )
    .pluck();

  const changed = (result: { changes: number }): boolean => result.changes === 1;
  return {
    ...createTaskLists(connection),
    insert: (task, size, queued, search = 'searchable') => {
      const search_text = searchText(task.name, task.structure_name);
      const row = taskRowSchema.parse(
        insert.get({
          ...task,
          ...size,
          with_d3: Number(task.with_d3),
          parameters: JSON.stringify(task.parameters),
          structure_source: JSON.stringify(task.structure_source),
          tags: JSON.stringify(task.tags),
          depends_on: JSON.stringify(task.depends_on),
          search_text,
          status: queued === null ? 'PENDING' : 'QUEUED',
          queued_at: queued?.queued_at ?? null,
          queue_time: queued?.queue_time ?? null,
        }),
      );
      if (search === 'searchable') makeSearchable.run(row.submitted_order, search_text);
      for (const tag of new Set(task.tags)) insertTag.run(tag, row.submitted_order);
      for (const dependency of dependenciesOf(task)) insertDependency.run(task.task_id, dependency);
      return row;
    },
    makeSearchable: (rows) => {
      for (const { submitted_order, name, structure_name } of rows)
        makeSearchable.run(submitted_order, searchText(name, structure_name));
    },
    find: (task_id) => taskRowOrNull.parse(find.get(task_id) ?? null),
    withStatus: (status) => taskRows.parse(withStatus.all(status)),
    enqueue: (task_id, queued) => changed(enqueue.run({ task_id, ...queued })),
    assign: (task_id, { slot_id, device, gpu_id }) => changed(assign.run({ task_id, slot_id, device, gpu_id })),
    start: (task_id, now, is_resumed) => changed(start.run({ task_id, now, is_resumed: Number(is_resumed) })),
    complete: (task_id, now, seconds, metrics) => changed(complete.run({ task_id, now, seconds, ...metrics })),
    timeOut: (task_id, now, metrics, error) =>
      changed(timeOut.run({ task_id, now, ...metrics, error: JSON.stringify(error) })),
    fail: (task_id, from, now, error, is_parked) =>
      changed(fail.run({ task_id, from, now, error: JSON.stringify(error), is_parked: Number(is_parked) })),
    cancel: (task_id, from, now) => changed(cancel.run({ task_id, from, now })),
    requeue: (task_id, from, { attempts_given_back, is_preempted, not_before }) =>
      changed(requeue.run({ task_id, from, attempts_given_back, is_preempted: Number(is_preempted), not_before })),
    advance: (task_id, n_events, reached) =>
      eventSequence.parse(advance.get({ task_id, n_events, ...reached }) ?? null)?.event_sequence ?? null,
    describe: (task_id, { n_atoms, formula }, size) => changed(describe.run({ task_id, n_atoms, formula, ...size })),
    remove: (task_id) => changed(remove.run(task_id)),
    dependants: (task_id) => taskIds.parse(dependants.all(task_id)),
    released: () => taskIds.parse(released.all()),
    openDependencies: (task_id) => count.parse(openDependencies.get(task_id)),
  };
}

/** What a task waits for: what it names, and the task that its structure comes from, unless the structure is known already. */
export function dependenciesOf(task: Pick<NewTask, 'depends_on' | 'structure_source' | 'n_atoms'>): string[] {
  const source =
    task.n_atoms === null && task.structure_source.source === 'task' ? [task.structure_source.task_id] : [];
  return [...new Set([...task.depends_on, ...source])];
}
