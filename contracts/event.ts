// Server-sent events of one task: `event:` is the type, `data:` the JSON below, `id:` a number that grows within a task.
import { z } from 'zod';
import { campaignIdSchema, campaignSchema } from './campaign.ts';
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

/** The task went on to the next of its type's stages. */
export const stageEventSchema = z.object({ type: z.literal('stage'), stage: z.string() });

/** One optimizer step. */
export const stepEventSchema = z.object({
  type: z.literal('step'),
  step: z.int().nonnegative(),
  energy_eV: z.number(),
  /** null where the steps are those of dynamics. */
  max_force_eV_A: z.number().nonnegative().nullable(),
  volume_A3: z.number().positive().nullable(),
  /** null where the steps are those of a relaxation. */
  temperature_k: z.number().nonnegative().nullable(),
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
  stageEventSchema,
  stepEventSchema,
  frameEventSchema,
  logEventSchema,
]);
export type TaskEvent = z.infer<typeof taskEventSchema>;
export type StepEvent = z.infer<typeof stepEventSchema>;
export type FrameEvent = z.infer<typeof frameEventSchema>;

const campaignDeletedEventSchema = z.object({ type: z.literal('campaign_deleted'), campaign_id: campaignIdSchema });

/** GET /campaigns/{campaign_id}/events: the whole campaign each time, so that whoever missed some has missed nothing. */
export const campaignEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('campaign'), ...campaignSchema.shape }),
  campaignDeletedEventSchema,
]);
export type CampaignEvent = z.infer<typeof campaignEventSchema>;

/** GET /events: what happens to the tasks of the caller, and to the service. `id:` grows over all tasks. */
export const serviceEventSchema = z.discriminatedUnion('type', [
  /** Something was missed that is not known any more: read the lists again. */
  z.object({ type: z.literal('reset') }),
  z.object({
    type: z.literal('task'),
    task_id: z.string(),
    status: taskStatusSchema,
    progress: z.number().min(0).max(100),
    /** What the task was before; null for a new one, the same as `status` when only the progress grew. */
    previous_status: taskStatusSchema.nullable(),
  }),
  z.object({ type: z.literal('task_deleted'), task_id: z.string() }),
  /** Something of it has changed, told at most once a second. */
  z.object({ type: z.literal('campaign'), campaign_id: campaignIdSchema }),
  campaignDeletedEventSchema,
  z.object({ type: z.literal('queue'), is_paused: z.boolean() }),
  z.object({ type: z.literal('gpus') }),
  z.object({ type: z.literal('alert'), alert_id: z.string(), rule: z.string(), is_active: z.boolean() }),
]);
export type ServiceEvent = z.infer<typeof serviceEventSchema>;
