// Tasks: submission, the document that the API shows, lists, results, files.
import { z } from 'zod';
import { structureSourceSchema } from './structure.ts';
import { taskStatusSchema } from './task-status.ts';
import { TASK_TYPES, taskTypeSchema } from './task-types.ts';
import type { TaskType } from './task-types.ts';

export const prioritySchema = z.enum(['CRITICAL', 'HIGH', 'NORMAL', 'LOW']);
export type Priority = z.infer<typeof prioritySchema>;

export const taskIdSchema = z.string().regex(/^task_[a-z0-9]{6,32}$/);

/** Longest run that can be asked for, s: 30 days. */
const MAX_TIMEOUT_SECONDS = 30 * 24 * 3600;

const submissionShape = {
  model: z.string().min(1).max(128),
  structure: structureSourceSchema,
  priority: prioritySchema.default('NORMAL'),
  with_d3: z.boolean().default(false).describe('DFT-D3 on top of the model; only where the model says `d3_available`.'),
  timeout: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_SECONDS)
    .optional()
    .describe('Longest time of computation over all attempts, s; the task ends as TIMEOUT and keeps what it has.'),
  max_attempts: z.int().min(1).max(10).default(3),
  name: z.string().trim().min(1).max(200).optional(),
  tags: z.array(z.string().trim().min(1).max(64)).max(20).default([]),
  depends_on: z
    .array(taskIdSchema)
    .max(100)
    .default([])
    .describe('The task waits as PENDING until these are COMPLETED, and fails when one of them ends otherwise.'),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  webhook_secret: z.string().min(1).max(256).optional().describe('Key of the signature of the webhooks.'),
};

export interface TaskSubmission extends z.infer<z.ZodObject<typeof submissionShape>> {
  task_type: TaskType;
  /** Checked against the schema of the type, defaults written out. */
  parameters: Record<string, unknown>;
}

/** POST /tasks/{task_type}, without `task_type`: the address says it. */
export function submissionSchema(task_type: TaskType) {
  const parameters: z.ZodType<Record<string, unknown>> = TASK_TYPES[task_type].parameters;
  return z.strictObject({ ...submissionShape, parameters: parameters.prefault({}) });
}

/** POST /tasks/batch: all are accepted or none. */
export const MAX_BATCH_TASKS = 1000;
export const batchSubmissionSchema = z.strictObject({
  tasks: z
    .array(z.looseObject({ task_type: z.string() }))
    .min(1)
    .max(MAX_BATCH_TASKS)
    .describe('Each as in POST /tasks/{task_type}, and its `task_type`.'),
});

/** POST /tasks/batch/cancel: by ids or by filter, never everything by accident. */
export const batchCancelSchema = z
  .strictObject({
    task_ids: z.array(taskIdSchema).min(1).max(MAX_BATCH_TASKS).optional(),
    batch_id: z.string().max(64).optional(),
    tag: z.string().max(64).optional(),
    status: z.enum(['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING']).optional(),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: 'name task_ids, batch_id, tag or status',
  });

export const batchReceiptSchema = z.object({
  batch_id: z.string(),
  tasks: z.array(z.object({ task_id: taskIdSchema, status: taskStatusSchema })),
  total: z.int().nonnegative(),
});

export const batchCancelReceiptSchema = z.object({
  cancelled: z.array(z.object({ task_id: taskIdSchema, previous_status: taskStatusSchema })),
  refused: z
    .array(z.object({ task_id: z.string(), code: z.int() }))
    .describe('Those that had ended, or do not exist, with the code that a single cancellation would have answered.'),
});

/** PATCH /tasks/{task_id}: name and tags at any time, the priority while it waits. */
export const taskChangesSchema = z
  .strictObject({
    /** null takes the name away. */
    name: submissionShape.name.unwrap().nullable().optional(),
    tags: submissionShape.tags.unwrap().optional(),
    priority: prioritySchema.optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: 'name what is to change: name, tags or priority',
  });
export type TaskChanges = z.infer<typeof taskChangesSchema>;

/** DELETE /tasks/{task_id} */
export const deleteReceiptSchema = z.object({ task_id: taskIdSchema });

export const retryReceiptSchema = z.object({ new_task_id: taskIdSchema, original_task_id: taskIdSchema });

export const submissionReceiptSchema = z.object({
  task_id: taskIdSchema,
  status: taskStatusSchema,
  estimated_wait_seconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('null while nothing comparable has been measured on this machine.'),
});

/** What was measured while the task ran; null where it was not. */
export const taskMetricsSchema = z.object({
  peak_gpu_memory_MB: z.number().nonnegative().nullable(),
  avg_step_time_ms: z.number().nonnegative().nullable(),
});
export type TaskMetrics = z.infer<typeof taskMetricsSchema>;

/** Why a task failed. */
export const taskErrorSchema = z.object({
  type: z.enum([
    'OptimizationNotConverged',
    'OptimizationDiverged',
    'MemoryError',
    'CUDAError',
    'TimeoutError',
    'ModelError',
    'AtomTypingError',
    'StructureError',
    'KernelCrashed',
    'TaskProcessCrashed',
    'MDUnstable',
    'FitFailed',
    'DependencyFailed',
    'InternalError',
  ]),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type TaskError = z.infer<typeof taskErrorSchema>;

/** GET /tasks/{task_id}. Times are ISO 8601 in UTC. */
export const taskSchema = z.object({
  task_id: taskIdSchema,
  task_type: taskTypeSchema,
  status: taskStatusSchema,
  model: z.string(),
  priority: prioritySchema,
  progress: z.number().min(0).max(100).describe('Per cent, 0..100, never falling within one attempt.'),
  stage: z.string().nullable().describe('What runs of `stages` of its type; null while waiting.'),
  name: z.string().nullable(),
  tags: z.array(z.string()),
  depends_on: z.array(taskIdSchema),
  batch_id: z.string().nullable(),
  retry_of: taskIdSchema.nullable().describe('The task that this one repeats.'),
  with_d3: z.boolean(),
  timeout: z.number().positive().nullable(),
  structure: structureSourceSchema,
  structure_name: z.string(),
  n_atoms: z.int().positive().nullable().describe('null until the task that the structure comes from has ended.'),
  formula: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  created_at: z.iso.datetime(),
  queued_at: z.iso.datetime().nullable(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  execution_time_seconds: z.number().nonnegative().nullable(),
  gpu_id: z.int().nonnegative().nullable().describe('Index of the GPU; null while waiting and on the CPU.'),
  device: z.string().nullable().describe('`cpu` or `cuda:<n>`; null while waiting.'),
  attempts: z.int().nonnegative(),
  max_attempts: z.int().positive(),
  preemptions: z.int().nonnegative().describe('Times that it made room for a CRITICAL task.'),
  estimated_wait_seconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('null where nothing comparable was measured, and for a task that does not wait.'),
  estimated_remaining_seconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Until the end of a running task; null where nothing comparable was measured.'),
  metrics: taskMetricsSchema,
  error: taskErrorSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const taskListQuerySchema = z.object({
  status: taskStatusSchema.optional(),
  task_type: taskTypeSchema.optional(),
  model: z.string().max(128).optional(),
  priority: prioritySchema.optional(),
  tag: z.string().max(64).optional(),
  batch_id: z.string().max(64).optional(),
  search: z.string().max(128).optional().describe("Part of the name or of the structure's name."),
  created_after: z.iso.datetime({ offset: true }).optional(),
  created_before: z.iso.datetime({ offset: true }).optional(),
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(20),
});
export type TaskListQuery = z.infer<typeof taskListQuerySchema>;

export const paginationSchema = z.object({
  total: z.int().nonnegative(),
  page: z.int().positive(),
  page_size: z.int().positive(),
  total_pages: z.int().nonnegative(),
});

export const taskListSchema = z.object({ tasks: z.array(taskSchema), pagination: paginationSchema });

export const taskFileSchema = z.object({ filename: z.string(), size_bytes: z.int().nonnegative(), url: z.string() });

export const taskResultSchema = z.object({
  task_id: taskIdSchema,
  task_type: taskTypeSchema,
  result: z.record(z.string(), z.unknown()),
  execution_time_seconds: z.number().nonnegative(),
  metrics: taskMetricsSchema,
  output_files: z.array(taskFileSchema),
});

export const cancelReceiptSchema = z.object({
  task_id: taskIdSchema,
  previous_status: taskStatusSchema,
  current_status: taskStatusSchema,
});

/** GET /tasks/{task_id}/structure: as it was submitted, or as the completed task left it. */
export const taskStructureQuerySchema = z.object({ stage: z.enum(['submitted', 'final']).default('submitted') });
export type TaskStructureStage = z.infer<typeof taskStructureQuerySchema>['stage'];

export const taskFilesSchema = z.object({ files: z.array(taskFileSchema) });
