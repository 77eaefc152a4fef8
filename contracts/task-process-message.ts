// Messages between the service and the task process of a slot (IPC channel of the child).
import { z } from 'zod';
import { taskEventSchema } from './event.ts';
import { deviceNameSchema } from './kernel-message.ts';
import { structureSchema } from './structure.ts';
import { taskErrorSchema, taskIdSchema, taskTypeSchema } from './task.ts';

export const toTaskProcessSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    task_id: taskIdSchema,
    task_type: taskTypeSchema,
    model: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    structure: structureSchema,
    structure_name: z.string(),
    device: deviceNameSchema,
    /** Absolute path of the task's folder; results are written here. */
    folder: z.string(),
  }),
  z.object({ type: z.literal('cancel'), task_id: taskIdSchema }),
  z.object({ type: z.literal('shutdown') }),
]);
export type ToTaskProcess = z.infer<typeof toTaskProcessSchema>;

export const fromTaskProcessSchema = z.discriminatedUnion('type', [
  /** The kernel said hello; tasks may come. */
  z.object({ type: z.literal('ready'), kernel_version: z.string() }),
  z.object({ type: z.literal('started'), task_id: taskIdSchema }),
  /** Everything since the last message, in order. */
  z.object({ type: z.literal('events'), task_id: taskIdSchema, events: z.array(taskEventSchema) }),
  /** result.json is complete in the task's folder. */
  z.object({ type: z.literal('completed'), task_id: taskIdSchema, execution_time_seconds: z.number().nonnegative() }),
  z.object({ type: z.literal('failed'), task_id: taskIdSchema, error: taskErrorSchema }),
  z.object({ type: z.literal('cancelled'), task_id: taskIdSchema }),
]);
export type FromTaskProcess = z.infer<typeof fromTaskProcessSchema>;
