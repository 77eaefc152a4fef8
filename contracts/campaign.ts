// Campaigns: many structures x tasks x models as one submission, its table, and its scores against reference values.
import { z } from 'zod';
import { FIGURES, QUANTITIES } from './key-figures.ts';
import { structureSourceSchema } from './structure.ts';
import { paginationSchema, prioritySchema, taskIdSchema } from './task.ts';
import { taskStatusSchema } from './task-status.ts';
import { TASK_TYPES, taskTypeSchema } from './task-types.ts';
import type { TaskType } from './task-types.ts';

export const MAX_CAMPAIGN_STRUCTURES = 10_000;
/** Structures x tasks x models. */
export const MAX_CAMPAIGN_CELLS = 50_000;
const MAX_CAMPAIGN_TASKS = 20;
const MAX_CAMPAIGN_MODELS = 20;
const MAX_REFERENCES = 200_000;

export const campaignIdSchema = z.string().regex(/^campaign_[a-z0-9]{6,32}$/);

const nameSchema = z.string().trim().min(1).max(200);

export const campaignStructureSchema = z.strictObject({
  name: nameSchema.describe('Unique in the campaign; table and reference values name the structure by it.'),
  structure: structureSourceSchema.nullable().describe('null for one that could not be sent; then `problem` says why.'),
  problem: z.string().trim().min(1).max(1000).optional().describe('Stands in the table as the reason.'),
});
export type CampaignStructure = z.infer<typeof campaignStructureSchema>;

const labelSchema = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .optional()
  .describe('Name of the column; without it the task type, numbered where it comes again.');

function plannedTaskSchema<Type extends TaskType>(task_type: Type) {
  const parameters: z.ZodType<Record<string, unknown>> = TASK_TYPES[task_type].parameters;
  return z.strictObject({
    task_type: z.literal(task_type),
    label: labelSchema,
    parameters: parameters.prefault({}).describe('As in the submission of a task; defaults are written out.'),
  });
}

/** What is computed of every structure: a task type and one set of its parameters. */
const campaignTaskInputSchema = z.discriminatedUnion('task_type', [
  plannedTaskSchema('optimization'),
  plannedTaskSchema('stability'),
  plannedTaskSchema('bulk-modulus'),
  plannedTaskSchema('heat-capacity'),
  plannedTaskSchema('interaction-energy'),
  plannedTaskSchema('single-point-energy'),
]);

export const campaignReferenceSchema = z.strictObject({
  structure_name: nameSchema,
  quantity: z
    .enum(QUANTITIES)
    .describe('A key figure that is a number. Its unit is fixed: `volume_per_atom_A3` is in A^3, and so on.'),
  value: z.number(),
});
export type CampaignReference = z.infer<typeof campaignReferenceSchema>;

const referencesSchema = z
  .array(campaignReferenceSchema)
  .max(MAX_REFERENCES)
  .refine((rows) => areUnique(rows.map(({ structure_name, quantity }) => JSON.stringify([structure_name, quantity]))), {
    message: 'one value per structure and quantity',
    params: { combination: true },
  });

/** POST /campaigns */
export const campaignSubmissionSchema = z
  .strictObject({
    name: nameSchema,
    structures: z
      .array(campaignStructureSchema)
      .min(1)
      .max(MAX_CAMPAIGN_STRUCTURES)
      .refine((structures) => areUnique(structures.map(({ name }) => name)), {
        message: 'two structures have one name; the table could not tell them apart',
        params: { combination: true },
      }),
    tasks: z.array(campaignTaskInputSchema).min(1).max(MAX_CAMPAIGN_TASKS),
    models: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(MAX_CAMPAIGN_MODELS)
      .refine(areUnique, { message: 'a model is named twice', params: { combination: true } }),
    with_d3: z.boolean().default(false).describe('As for a task; models that cannot are rows with the reason.'),
    priority: prioritySchema.default('LOW').describe('Of its tasks. LOW lets single tasks go first.'),
    timeout: z
      .number()
      .positive()
      .max(30 * 24 * 3600)
      .optional()
      .describe('Longest time of computation of each task, s.'),
    max_attempts: z.int().min(1).max(10).default(3),
    tags: z.array(z.string().trim().min(1).max(64)).max(20).default([]),
    reference: referencesSchema.default([]),
  })
  .refine(({ structures, tasks, models }) => structures.length * tasks.length * models.length <= MAX_CAMPAIGN_CELLS, {
    message: `structures x tasks x models may be ${MAX_CAMPAIGN_CELLS} at most; split the campaign`,
    path: ['structures'],
    params: { combination: true },
  })
  .refine(({ tasks }) => areUnique(labelsOf(tasks)), {
    message: 'two tasks have one label',
    path: ['tasks'],
    params: { combination: true },
  });
export type CampaignSubmission = z.infer<typeof campaignSubmissionSchema>;

/** PUT /campaigns/{campaign_id}/reference: takes the place of all reference values. */
export const campaignReferencesSchema = z.strictObject({ reference: referencesSchema });

export const campaignTaskSchema = z.object({
  label: z.string(),
  task_type: taskTypeSchema,
  parameters: z.record(z.string(), z.unknown()),
});
export type CampaignTask = z.infer<typeof campaignTaskSchema>;

/** A cell is one structure, one task, one model. Besides the states of its task: */
export const cellStatusSchema = z.enum(['PLANNED', ...taskStatusSchema.options, 'REFUSED', 'DELETED']);
export type CellStatus = z.infer<typeof cellStatusSchema>;

export const campaignStatusSchema = z
  .enum(['SUBMITTING', 'RUNNING', 'COMPLETED', 'CANCELLED', 'DELETING'])
  .describe(
    'COMPLETED: every cell has ended, in whatever way; CANCELLED: by request, all its tasks have ended; DELETING: it is being deleted, and nothing else can be done with it.',
  );
export type CampaignStatus = z.infer<typeof campaignStatusSchema>;

export const campaignCountsSchema = z
  .record(cellStatusSchema, z.int().nonnegative())
  .describe(
    'Cells by state. PLANNED: not submitted yet; REFUSED: cannot be computed, the table says why; DELETED: its task was.',
  );
export type CampaignCounts = z.infer<typeof campaignCountsSchema>;

/** GET /campaigns/{campaign_id} */
export const campaignSchema = z.object({
  campaign_id: campaignIdSchema.describe('Also the `batch_id` of its tasks.'),
  name: z.string(),
  status: campaignStatusSchema,
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable().describe('End of its last task; null while something is left to do.'),
  n_structures: z.int().positive(),
  n_cells: z.int().positive().describe('Structures x tasks x models.'),
  tasks: z.array(campaignTaskSchema),
  models: z.array(z.string()),
  with_d3: z.boolean(),
  priority: prioritySchema,
  timeout: z.number().positive().nullable(),
  max_attempts: z.int().positive(),
  tags: z.array(z.string()),
  counts: campaignCountsSchema,
  progress: z.number().min(0).max(100).describe('Cells that have ended, per cent.'),
  estimated_remaining_seconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe(
      'From the pace of its completed tasks, without what others have in the queue; null until one of each kind has completed, and without a device.',
    ),
  computed_seconds: z.number().nonnegative().describe('Of its tasks that have ended.'),
  n_references: z.int().nonnegative(),
  waits_for: z
    .string()
    .nullable()
    .describe('Why submission stands still, such as a full queue; null while it does not.'),
});
export type Campaign = z.infer<typeof campaignSchema>;

export const campaignReceiptSchema = z.object({
  campaign_id: campaignIdSchema,
  status: campaignStatusSchema,
  n_structures: z.int().positive(),
  n_cells: z.int().positive(),
});
export type CampaignReceipt = z.infer<typeof campaignReceiptSchema>;

export const campaignListQuerySchema = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
});
export const campaignListSchema = z.object({ campaigns: z.array(campaignSchema), pagination: paginationSchema });

/** A computed value beside its reference. */
export const comparisonSchema = z.object({
  quantity: z.string(),
  value: z.number().nullable().describe('null while there is none, or when the task did not complete.'),
  reference: z.number(),
  error: z.number().nullable().describe('value - reference.'),
  error_percent: z.number().nullable().describe('Of the reference; null where that is 0.'),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const figuresSchema = z.record(z.string(), z.union([z.number(), z.boolean(), z.null()]));
export type Figures = z.infer<typeof figuresSchema>;

/** One row of the table. */
export const campaignRowSchema = z.object({
  structure_name: z.string(),
  task: z.string().describe('Label of the task.'),
  task_type: taskTypeSchema,
  model: z.string(),
  status: cellStatusSchema,
  reason: z
    .string()
    .nullable()
    .describe('Why there is no result, or why it is not to be relied on; null where all is well.'),
  is_reliable: z
    .boolean()
    .nullable()
    .describe(
      'false for a result that flags itself (not converged, no usable fit): scores leave it out. null without a result.',
    ),
  n_atoms: z.int().positive().nullable(),
  formula: z.string().nullable(),
  task_id: taskIdSchema.nullable(),
  earlier_task_ids: z.array(taskIdSchema).describe('Of attempts that `retry-failed` has replaced.'),
  execution_time_seconds: z.number().nonnegative().nullable(),
  figures: figuresSchema.describe(`Key figures of the result by name, of: ${[...FIGURES.keys()].join(', ')}.`),
  warnings: z.array(z.string()).describe('Those of the result.'),
  comparisons: z.array(comparisonSchema),
});
export type CampaignRow = z.infer<typeof campaignRowSchema>;

export const campaignTableQuerySchema = z.object({
  status: cellStatusSchema.optional(),
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(1000).default(100),
});
export const campaignTableSchema = z.object({
  columns: z
    .array(z.object({ name: z.string(), unit: z.string(), task_types: z.array(taskTypeSchema) }))
    .describe('Of `figures`, in the order in which they are best read.'),
  rows: z.array(campaignRowSchema).describe('By structure, then task, then model, as they were submitted.'),
  pagination: paginationSchema,
});

/** Of one quantity, as one task computes it with one model. Structures without a reference value do not count. */
export const campaignScoreSchema = z.object({
  task: z.string(),
  model: z.string(),
  quantity: z.string(),
  unit: z.string(),
  n_references: z.int().nonnegative().describe('Structures of the campaign that have a reference value.'),
  n: z.int().nonnegative().describe('Compared: a reference value and a reliable result.'),
  n_unreliable: z.int().nonnegative().describe('Completed, but flagged: not compared.'),
  n_failed: z.int().nonnegative().describe('Refused, failed, cancelled, over time or deleted.'),
  n_missing: z.int().nonnegative().describe('Not computed yet.'),
  mae: z.number().nonnegative().nullable().describe('Mean absolute error, in the unit of the quantity.'),
  rmse: z.number().nonnegative().nullable().describe('Root mean square error, in the unit of the quantity.'),
  mean_error: z.number().nullable().describe('Mean of value - reference.'),
  mape_percent: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Mean absolute error in per cent of the reference; references of 0 left out.'),
  n_within_10_percent: z.int().nonnegative(),
  percent_within_10_percent: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe('Of `n_references`: what failed or is not reliable is not within. null without a reference.'),
  points: z
    .array(z.object({ structure_name: z.string(), reference: z.number(), value: z.number() }))
    .describe('For a parity plot: those that are compared.'),
});
export type CampaignScore = z.infer<typeof campaignScoreSchema>;

/** GET /campaigns/{campaign_id}/scores */
export const campaignScoresSchema = z.object({
  scores: z.array(campaignScoreSchema),
  unmatched_references: z
    .array(z.string())
    .describe('Names of reference values that no structure of the campaign has, 100 at most.'),
  n_unmatched_references: z.int().nonnegative(),
  structures_without_reference: z
    .array(z.string())
    .describe('100 at most; empty while there are no reference values at all.'),
});
export type CampaignScores = z.infer<typeof campaignScoresSchema>;

export const retryFailedReceiptSchema = z.object({
  campaign_id: campaignIdSchema,
  n_retried: z
    .int()
    .nonnegative()
    .describe('Cells that are submitted once more: refused, failed, cancelled, over time, deleted.'),
});

export const cancelCampaignReceiptSchema = z.object({
  campaign_id: campaignIdSchema,
  n_cancelled: z.int().nonnegative().describe('Tasks that were waiting or running.'),
  n_never_submitted: z.int().nonnegative(),
});

export const deleteCampaignReceiptSchema = z.object({
  campaign_id: campaignIdSchema,
  status: z.literal('DELETING'),
  n_tasks: z
    .int()
    .nonnegative()
    .describe('Its tasks, which go first; those that others take their structure from stay.'),
});

/** Of each task: its own label, or its type, numbered where it comes again. */
export function labelsOf(tasks: readonly { task_type: string; label?: string | undefined }[]): string[] {
  return tasks.map(({ task_type, label }, i) => {
    if (label !== undefined) return label;
    const before = tasks.slice(0, i).filter((other) => other.label === undefined && other.task_type === task_type);
    return before.length === 0 ? task_type : `${task_type}-${before.length + 1}`;
  });
}

function areUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
