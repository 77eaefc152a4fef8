// The row of a task: what is read of it, what a new one needs.
import { z } from 'zod';
import { structureSourceSchema } from '../../contracts/structure.ts';
import { prioritySchema, taskErrorSchema, taskIdSchema } from '../../contracts/task.ts';
import { taskStatusSchema } from '../../contracts/task-status.ts';
import { taskTypeSchema } from '../../contracts/task-types.ts';
import { jsonColumn } from './json-column.ts';

/** SQLite has no booleans. */
export const flagColumn = z.literal([0, 1]).transform((flag) => flag === 1);

export const taskRowSchema = z.object({
  submitted_order: z.int(),
  task_id: taskIdSchema,
  owner: z.string(),
  /** null: submitted by the window. */
  key_id: z.string().nullable(),
  task_type: taskTypeSchema,
  model: z.string(),
  with_d3: flagColumn,
  parameters: jsonColumn(z.record(z.string(), z.unknown())),
  structure_source: jsonColumn(structureSourceSchema),
  structure_name: z.string(),
  /** The file that holds the structure; null where that lies in the task's folder, or is another task's. */
  input_sha256: z.string().nullable(),
  /** null until the task that the structure comes from has ended; so are `formula` and `work`. */
  n_atoms: z.int().nullable(),
  formula: z.string().nullable(),
  /** What the time of computation is proportional to, in the unit of the task type. */
  work: z.number().nullable(),
  size_class: z.int(),
  name: z.string().nullable(),
  tags: jsonColumn(z.array(z.string())),
  depends_on: jsonColumn(z.array(z.string())),
  batch_id: z.string().nullable(),
  retry_of: z.string().nullable(),
  priority: prioritySchema,
  status: taskStatusSchema,
  stage: z.string().nullable(),
  progress: z.number(),
  attempts: z.int(),
  max_attempts: z.int(),
  preemptions: z.int(),
  /** Every attempt ended its process: it is not tried again by itself. */
  is_parked: flagColumn,
  slot_id: z.string().nullable(),
  device: z.string().nullable(),
  gpu_id: z.int().nullable(),
  timeout_seconds: z.number().nullable(),
  /** Computation of the attempts before this one. */
  computed_seconds: z.number(),
  /** Computation of this attempt, as of its last sign of life. */
  attempt_seconds: z.number(),
  /** The part of `computed_seconds` that a checkpoint brought into this attempt. */
  resumed_seconds: z.number(),
  webhook_url: z.string().nullable(),
  /** Sealed: see webhooks/secret-box.ts. */
  webhook_secret: z.string().nullable(),
  event_sequence: z.int(),
  created_at: z.string(),
  queued_at: z.string().nullable(),
  /** Clock of the queue, ms; decides the order and is kept when an attempt is lost. */
  queue_time: z.int().nullable(),
  /** Clock of the queue, ms; the next attempt does not start earlier. */
  not_before: z.int().nullable(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  execution_time_seconds: z.number().nullable(),
  peak_gpu_memory_MB: z.number().nullable(),
  avg_step_time_ms: z.number().nullable(),
  error: jsonColumn(taskErrorSchema).nullable(),
});
export type TaskRow = z.infer<typeof taskRowSchema>;

export type NewTask = Pick<
  TaskRow,
  | 'task_id'
  | 'owner'
  | 'key_id'
  | 'task_type'
  | 'model'
  | 'with_d3'
  | 'parameters'
  | 'structure_source'
  | 'structure_name'
  | 'input_sha256'
  | 'n_atoms'
  | 'formula'
  | 'name'
  | 'tags'
  | 'depends_on'
  | 'batch_id'
  | 'retry_of'
  | 'priority'
  | 'max_attempts'
  | 'timeout_seconds'
  | 'webhook_url'
  | 'webhook_secret'
  | 'created_at'
>;

/** The condition of the index tasks_active, word by word: SQLite uses a partial index only where it finds its condition again. */
export const IS_ACTIVE = "status IN ('PENDING', 'ASSIGNED', 'RUNNING')";

/** Text that a search looks into. */
export function searchText(name: string | null, structure_name: string): string {
  return foldText(`${name ?? ''}\n${structure_name}`);
}

/** As it is compared: in small letters, and with a mark for NUL, which the index of trigrams would leave out. */
export function foldText(text: string): string {
  return text.toLowerCase().replaceAll('\0', '\uFFFD');
}
