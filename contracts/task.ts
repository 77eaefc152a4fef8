// Tasks: submission, the document that the API shows, lists, results, files.
import { z } from 'zod';
import { optimizationParametersSchema, optimizationResultSchema } from './results/optimization.ts';
import { singlePointEnergyParametersSchema, singlePointEnergyResultSchema } from './results/single-point-energy.ts';
import { structureSourceSchema } from './structure.ts';
import { taskStatusSchema } from './task-status.ts';

export const prioritySchema = z.enum(['CRITICAL', 'HIGH', 'NORMAL', 'LOW']);
export type Priority = z.infer<typeof prioritySchema>;

/** One entry per task type: the schemas of its parameters and of its result. */
export const TASK_TYPES = {
  optimization: { parameters: optimizationParametersSchema, result: optimizationResultSchema },
  'single-point-energy': { parameters: singlePointEnergyParametersSchema, result: singlePointEnergyResultSchema },
} as const;

export const taskTypeSchema = z.enum(['optimization', 'single-point-energy']);
export type TaskType = z.infer<typeof taskTypeSchema>;

export const taskIdSchema = z.string().regex(/^task_[a-z0-9]{12,32}$/);

function submissionSchema<P extends z.ZodType>(parameters: P) {
  return z.strictObject({
    model: z.string().min(1).max(128),
    structure: structureSourceSchema,
    parameters: parameters.prefault({} as z.input<P>),
    priority: prioritySchema.default('NORMAL'),
    webhook_url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional(),
  });
}

export const optimizationSubmissionSchema = submissionSchema(optimizationParametersSchema);
export const singlePointEnergySubmissionSchema = submissionSchema(singlePointEnergyParametersSchema);
export const submissionSchemas = {
  optimization: optimizationSubmissionSchema,
  'single-point-energy': singlePointEnergySubmissionSchema,
} as const;
export type TaskSubmission = { [T in TaskType]: { task_type: T } & z.infer<(typeof submissionSchemas)[T]> }[TaskType];

export const submissionReceiptSchema = z.object({
  task_id: taskIdSchema,
  status: taskStatusSchema,
  /** null while nothing comparable has been measured on this machine. */
  estimated_wait_seconds: z.number().nonnegative().nullable(),
});

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
  /** Per cent, 0..100, never falling within one attempt. */
  progress: z.number().min(0).max(100),
  structure: structureSourceSchema,
  structure_name: z.string(),
  n_atoms: z.int().positive(),
  formula: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  execution_time_seconds: z.number().nonnegative().nullable(),
  /** Index of the GPU; null while waiting and on the CPU. */
  gpu_id: z.int().nonnegative().nullable(),
  /** `cpu` or `cuda:<n>`; null while waiting. */
  device: z.string().nullable(),
  attempts: z.int().nonnegative(),
  error: taskErrorSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const taskListQuerySchema = z.object({
  status: taskStatusSchema.optional(),
  task_type: taskTypeSchema.optional(),
  model: z.string().max(128).optional(),
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

export const taskResultSchema = z.object({
  task_id: taskIdSchema,
  task_type: taskTypeSchema,
  result: z.record(z.string(), z.unknown()),
  execution_time_seconds: z.number().nonnegative(),
});

export const cancelReceiptSchema = z.object({
  task_id: taskIdSchema,
  previous_status: taskStatusSchema,
  current_status: taskStatusSchema,
});

/** GET /tasks/{task_id}/structure: as it was submitted, or as the completed task left it. */
export const taskStructureQuerySchema = z.object({ stage: z.enum(['submitted', 'final']).default('submitted') });
export type TaskStructureStage = z.infer<typeof taskStructureQuerySchema>['stage'];

export const taskFileSchema = z.object({ filename: z.string(), size_bytes: z.int().nonnegative(), url: z.string() });
export const taskFilesSchema = z.object({ files: z.array(taskFileSchema) });
