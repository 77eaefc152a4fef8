// Queries on tasks. Every change of status is one UPDATE that names the status it leaves; its row count decides.
import { z } from 'zod';
import { structureSourceSchema } from '../../contracts/structure.ts';
import { prioritySchema, taskErrorSchema, taskIdSchema, taskTypeSchema } from '../../contracts/task.ts';
import type { TaskError, TaskType } from '../../contracts/task.ts';
import { taskStatusSchema } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection, Statement } from './open-database.ts';

const taskRowSchema = z.object({
  submitted_order: z.int(),
  task_id: taskIdSchema,
  owner: z.string(),
  task_type: taskTypeSchema,
  model: z.string(),
  parameters: jsonColumn(z.record(z.string(), z.unknown())),
  structure_source: jsonColumn(structureSourceSchema),
  structure_name: z.string(),
  n_atoms: z.int(),
  formula: z.string(),
  priority: prioritySchema,
  status: taskStatusSchema,
  progress: z.number(),
  attempts: z.int(),
  max_attempts: z.int(),
  slot_id: z.string().nullable(),
  device: z.string().nullable(),
  gpu_id: z.int().nullable(),
  event_sequence: z.int(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  execution_time_seconds: z.number().nullable(),
  error: jsonColumn(taskErrorSchema).nullable(),
});
export type TaskRow = z.infer<typeof taskRowSchema>;

export type NewTask = Pick<
  TaskRow,
  | 'task_id'
  | 'owner'
  | 'task_type'
  | 'model'
  | 'parameters'
  | 'structure_source'
  | 'structure_name'
  | 'n_atoms'
  | 'formula'
  | 'priority'
  | 'max_attempts'
  | 'created_at'
>;

export interface TaskFilter {
  owner: string;
  status?: TaskStatus | undefined;
  task_type?: TaskType | undefined;
  model?: string | undefined;
  /** ISO 8601 in UTC with milliseconds, as stored. */
  created_after?: string | undefined;
  created_before?: string | undefined;
}

/** Tasks of one kind and size: what an estimate needs to know of those that wait or run. */
const workloadSchema = z.object({
  task_type: taskTypeSchema,
  model: z.string(),
  n_atoms: z.int(),
  count: z.int(),
  /** null while waiting. */
  started_at: z.string().nullable(),
});
export type Workload = z.infer<typeof workloadSchema>;

const measurementSchema = z.object({ n_atoms: z.int(), execution_time_seconds: z.number() });
export type Measurement = z.infer<typeof measurementSchema>;

export interface TaskStore {
  insertPending(task: NewTask): TaskRow;
  find(task_id: string): TaskRow | null;
  list(filter: TaskFilter, limit: number, offset: number): TaskRow[];
  count(filter: TaskFilter): number;
  withStatus(status: TaskStatus): TaskRow[];
  /** PENDING -> QUEUED */
  enqueue(task_id: string): boolean;
  /** QUEUED -> ASSIGNED: highest priority, then first come; null when nothing waits. */
  claim(slot: { slot_id: string; device: string; gpu_id: number | null }): TaskRow | null;
  /** ASSIGNED -> RUNNING */
  start(task_id: string, now: string): boolean;
  /** RUNNING -> COMPLETED */
  complete(task_id: string, now: string, execution_time_seconds: number): boolean;
  fail(task_id: string, from: TaskStatus, now: string, error: TaskError): boolean;
  cancel(task_id: string, from: TaskStatus, now: string): boolean;
  /** ASSIGNED | RUNNING -> QUEUED: the progress is lost, and the attempt counts unless it is given back. */
  requeue(task_id: string, from: TaskStatus, attempts_given_back: 0 | 1): boolean;
  /** Takes `n_events` numbers and raises the progress. Returns the last number; null when the task is gone. */
  advance(task_id: string, n_events: number, progress: number): number | null;
  /** Tasks that will be served before a new one of this priority, and those that run. */
  workloadAhead(priority_rank: number): Workload[];
  measurements(model: string, task_type: TaskType, limit: number): Measurement[];
}

const CONDITIONS: Readonly<Record<keyof TaskFilter, string>> = {
  owner: 'owner = :owner',
  status: 'status = :status',
  task_type: 'task_type = :task_type',
  model: 'model = :model',
  created_after: 'created_at > :created_after',
  created_before: 'created_at < :created_before',
};

export function createTaskStore(connection: Connection): TaskStore {
  const insertPending = connection.prepare(
    `INSERT INTO tasks (task_id, owner, task_type, model, parameters, structure_source, structure_name, n_atoms, formula,
                        priority, status, max_attempts, created_at)
     VALUES (:task_id, :owner, :task_type, :model, :parameters, :structure_source, :structure_name, :n_atoms, :formula,
             :priority, 'PENDING', :max_attempts, :created_at)
     RETURNING *`,
  );
  const find = connection.prepare('SELECT * FROM tasks WHERE task_id = ?');
  // One statement per combination of filters in use: the planner picks its index by the conditions that are there.
  const listStatements = new Map<string, { list: Statement; count: Statement }>();
  const filtered = (filter: TaskFilter) => {
    const where = conditionsOf(filter).join(' AND ');
    const known = listStatements.get(where) ?? {
      list: connection.prepare(
        `SELECT * FROM tasks WHERE ${where} ORDER BY submitted_order DESC LIMIT :limit OFFSET :offset`,
      ),
      count: connection.prepare(`SELECT count(*) AS total FROM tasks WHERE ${where}`),
    };
    listStatements.set(where, known);
    return known;
  };
  const withStatus = connection.prepare('SELECT * FROM tasks WHERE status = ? ORDER BY submitted_order');
  const enqueue = connection.prepare(`UPDATE tasks SET status = 'QUEUED' WHERE task_id = ? AND status = 'PENDING'`);
  // One statement, so that two schedulers can never both win.
  const claim = connection.prepare(
    `UPDATE tasks SET status = 'ASSIGNED', slot_id = :slot_id, device = :device, gpu_id = :gpu_id, attempts = attempts + 1
      WHERE task_id = (SELECT task_id FROM tasks WHERE status = 'QUEUED'
                        ORDER BY priority_rank DESC, submitted_order LIMIT 1)
        AND status = 'QUEUED'
     RETURNING *`,
  );
  const start = connection.prepare(
    `UPDATE tasks SET status = 'RUNNING', started_at = :now WHERE task_id = :task_id AND status = 'ASSIGNED'`,
  );
  const complete = connection.prepare(
    `UPDATE tasks SET status = 'COMPLETED', progress = 100, finished_at = :now,
                      execution_time_seconds = :execution_time_seconds
      WHERE task_id = :task_id AND status = 'RUNNING'`,
  );
  const fail = connection.prepare(
    `UPDATE tasks SET status = 'FAILED', finished_at = :now, error = :error,
                      execution_time_seconds = (julianday(:now) - julianday(started_at)) * 86400.0
      WHERE task_id = :task_id AND status = :from`,
  );
  const cancel = connection.prepare(
    `UPDATE tasks SET status = 'CANCELLED', finished_at = :now,
                      execution_time_seconds = (julianday(:now) - julianday(started_at)) * 86400.0
      WHERE task_id = :task_id AND status = :from`,
  );
  const requeue = connection.prepare(
    `UPDATE tasks SET status = 'QUEUED', slot_id = NULL, device = NULL, gpu_id = NULL, started_at = NULL, progress = 0,
                      attempts = attempts - :attempts_given_back
      WHERE task_id = :task_id AND status = :from`,
  );
  const advance = connection.prepare(
    `UPDATE tasks SET event_sequence = event_sequence + :n_events, progress = max(progress, :progress)
      WHERE task_id = :task_id RETURNING event_sequence`,
  );
  const workloadAhead = connection.prepare(
    `SELECT task_type, model, n_atoms, started_at, count(*) AS count FROM tasks
      WHERE status IN ('ASSIGNED', 'RUNNING') OR (status = 'QUEUED' AND priority_rank >= :priority_rank)
      GROUP BY task_type, model, n_atoms, started_at`,
  );
  const measurements = connection.prepare(
    `SELECT n_atoms, execution_time_seconds FROM tasks
      WHERE status = 'COMPLETED' AND model = :model AND task_type = :task_type
      ORDER BY submitted_order DESC LIMIT :limit`,
  );

  const row = (value: unknown): TaskRow => taskRowSchema.parse(value);
  const changed = (result: { changes: number }): boolean => result.changes === 1;
  return {
    insertPending: (task) =>
      row(
        insertPending.get({
          ...task,
          parameters: JSON.stringify(task.parameters),
          structure_source: JSON.stringify(task.structure_source),
        }),
      ),
    find: (task_id) => taskRowSchema.nullable().parse(find.get(task_id) ?? null),
    list: (filter, limit, offset) =>
      z.array(taskRowSchema).parse(filtered(filter).list.all({ ...filter, limit, offset })),
    count: (filter) => z.object({ total: z.int() }).parse(filtered(filter).count.get({ ...filter })).total,
    withStatus: (status) => z.array(taskRowSchema).parse(withStatus.all(status)),
    enqueue: (task_id) => changed(enqueue.run(task_id)),
    claim: (slot) => taskRowSchema.nullable().parse(claim.get(slot) ?? null),
    start: (task_id, now) => changed(start.run({ task_id, now })),
    complete: (task_id, now, execution_time_seconds) => changed(complete.run({ task_id, now, execution_time_seconds })),
    fail: (task_id, from, now, error) => changed(fail.run({ task_id, from, now, error: JSON.stringify(error) })),
    cancel: (task_id, from, now) => changed(cancel.run({ task_id, from, now })),
    requeue: (task_id, from, attempts_given_back) => changed(requeue.run({ task_id, from, attempts_given_back })),
    advance: (task_id, n_events, progress) =>
      z
        .object({ event_sequence: z.int() })
        .nullable()
        .parse(advance.get({ task_id, n_events, progress }) ?? null)?.event_sequence ?? null,
    workloadAhead: (priority_rank) => z.array(workloadSchema).parse(workloadAhead.all({ priority_rank })),
    measurements: (model, task_type, limit) =>
      z.array(measurementSchema).parse(measurements.all({ model, task_type, limit })),
  };
}

/** Conditions of the filters that are given; the texts come from the table above and never from a request. */
function conditionsOf(filter: TaskFilter): string[] {
  return Object.entries(CONDITIONS)
    .filter(([name]) => Object.entries(filter).some(([given, value]) => given === name && value !== undefined))
    .map(([, condition]) => condition);
}
