// Messages between the service and the task process of a slot (IPC channel of the child).
import { z } from 'zod';
import { taskEventSchema } from './event.ts';
import { deviceNameSchema } from './kernel-message.ts';
import { importedModelSchema } from './model.ts';
import { structureSchema } from './structure.ts';
import { taskErrorSchema, taskIdSchema, taskMetricsSchema } from './task.ts';
import { taskTypeSchema } from './task-types.ts';

export const runTaskSchema = z.object({
  type: z.literal('run'),
  task_id: taskIdSchema,
  task_type: taskTypeSchema,
  model: z.string(),
  /** Of a model that came from a checkpoint; absent for a built-in potential. */
  imported_model: importedModelSchema.optional(),
  with_d3: z.boolean().optional(),
  parameters: z.record(z.string(), z.unknown()),
  structure: structureSchema,
  structure_name: z.string(),
  device: deviceNameSchema,
  /** Absolute path of the task's folder; results are written here. */
  folder: z.string(),
  /** From 1. */
  attempt: z.int().positive(),
  /** Computation that is left of the task's timeout, s; null without one. */
  deadline_seconds: z.number().positive().nullable(),
  /** GPU memory that one calculation may take; absent = what the kernel takes by itself. A batch that needs more is split. */
  memory_limit_bytes: z.int().positive().optional(),
  /** A checkpoint is written at least this often, where the task type can. */
  checkpoint_interval_seconds: z.number().positive(),
});

/** Compute one atom with the model, so that the kernel holds it before its first task. Only when no task runs. */
export const loadModelSchema = z.object({
  type: z.literal('load_model'),
  model: z.string(),
  imported_model: importedModelSchema,
  /** One that it knows. */
  element: z.string(),
  device: deviceNameSchema,
  memory_limit_bytes: z.int().positive().optional(),
});
export type LoadModel = z.infer<typeof loadModelSchema>;

export const toTaskProcessSchema = z.discriminatedUnion('type', [
  runTaskSchema,
  /** Small tasks on one kernel at the same time: the same type, model and parameters, on the same device. */
  z.object({ type: z.literal('run_group'), tasks: z.array(runTaskSchema).min(2) }),
  loadModelSchema,
  z.object({ type: z.literal('cancel'), task_id: taskIdSchema }),
  /** Write a checkpoint and stop, with the whole group: answered by `preempted`, or by whatever end came first. */
  z.object({ type: z.literal('preempt'), task_id: taskIdSchema }),
  z.object({ type: z.literal('shutdown') }),
]);
export type ToTaskProcess = z.infer<typeof toTaskProcessSchema>;
export type RunTask = z.infer<typeof runTaskSchema>;

export const fromTaskProcessSchema = z.discriminatedUnion('type', [
  /** The kernel said hello; tasks may come. Also of a kernel that took the place of one that had died. */
  z.object({ type: z.literal('ready'), kernel_version: z.string(), kernel_pid: z.int().positive() }),
  /** Every few seconds, also while a task runs: the process is not stuck, and its kernel answers. */
  z.object({ type: z.literal('heartbeat') }),
  z.object({
    type: z.literal('model_loaded'),
    seconds: z.number().nonnegative(),
    /** By which the kernel grew; null where nobody can tell. */
    memory_mb: z.number().nonnegative().nullable(),
  }),
  z.object({ type: z.literal('model_not_loaded'), error: taskErrorSchema }),
  z.object({ type: z.literal('started'), task_id: taskIdSchema, resumed_from_checkpoint: z.boolean() }),
  /** Everything since the last message, in order. */
  z.object({ type: z.literal('events'), task_id: taskIdSchema, events: z.array(taskEventSchema) }),
  /** result.json is complete in the task's folder. */
  z.object({
    type: z.literal('completed'),
    task_id: taskIdSchema,
    execution_time_seconds: z.number().nonnegative(),
    metrics: taskMetricsSchema,
  }),
  z.object({ type: z.literal('failed'), task_id: taskIdSchema, error: taskErrorSchema }),
  z.object({ type: z.literal('cancelled'), task_id: taskIdSchema }),
  /** The deadline passed; what was reached is in the folder. */
  z.object({ type: z.literal('timed_out'), task_id: taskIdSchema, metrics: taskMetricsSchema }),
  /** A checkpoint is in the folder; the next attempt goes on from it. */
  z.object({ type: z.literal('preempted'), task_id: taskIdSchema }),
  /** Another task of its group took its calculation along: it is to begin anew, alone, and the attempt does not count. */
  z.object({ type: z.literal('put_back'), task_id: taskIdSchema, reason: z.string() }),
]);
export type FromTaskProcess = z.infer<typeof fromTaskProcessSchema>;
