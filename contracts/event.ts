// Server-sent events of one task: `event:` is the type, `data:` the JSON below, `id:` a number that grows within a task.
import { z } from 'zod';
import { logLineSchema } from './log.ts';
import { cellSchema, vector3Schema } from './structure.ts';
import { taskErrorSchema } from './task.ts';
import { taskStatusSchema } from './task-status.ts';

export const stateEventSchema = z.object({
  type: z.literal('state'),
  status: taskStatusSchema,
  progress: z.number().min(0).max(100),
  error: taskErrorSchema.nullable(),
});

export const progressEventSchema = z.object({ type: z.literal('progress'), progress: z.number().min(0).max(100) });

/** One optimizer step. */
export const stepEventSchema = z.object({
  type: z.literal('step'),
  step: z.int().nonnegative(),
  energy_eV: z.number(),
  max_force_eV_A: z.number().nonnegative(),
  volume_A3: z.number().positive().nullable(),
});

/** The structure at a step, thinned; atoms in the order of the task's input structure. */
export const frameEventSchema = z.object({
  type: z.literal('frame'),
  step: z.int().nonnegative(),
  cell: cellSchema.nullable(),
  positions: z.array(vector3Schema),
});

export const logEventSchema = z.object({ type: z.literal('log'), ...logLineSchema.shape });

export const taskEventSchema = z.discriminatedUnion('type', [
  stateEventSchema,
  progressEventSchema,
  stepEventSchema,
  frameEventSchema,
  logEventSchema,
]);
export type TaskEvent = z.infer<typeof taskEventSchema>;
export type StepEvent = z.infer<typeof stepEventSchema>;
export type FrameEvent = z.infer<typeof frameEventSchema>;
