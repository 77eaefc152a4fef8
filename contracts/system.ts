// Health and devices.
import { z } from 'zod';
import { rateLimitsSchema } from './rate-limit.ts';

const MOST_TASKS_OF_A_GROUP = 256;
/** What each is good for, and why, is told in docs/gpu-pool.md. */
const DEFAULT_TASKS_PER_GROUP = { gpu: 32, cpu: 8 };

/** GET /health: no envelope, no key needed. `redis` says "embedded": the queue is inside. */
export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  database: z.enum(['connected', 'failed']),
  redis: z.literal('embedded'),
  gpus: z.int().nonnegative(),
});

export const gpuSchema = z.object({
  id: z.int().nonnegative(),
  uuid: z.string(),
  name: z.string(),
  status: z.enum(['free', 'busy', 'offline']),
  memory_used_mb: z.number().nonnegative(),
  memory_total_mb: z.number().nonnegative(),
  utilization_percent: z.number().min(0).max(100).nullable(),
  temperature_c: z.number().nullable(),
  power_w: z.number().nonnegative().nullable(),
  current_task: z.string().nullable().describe('The first of current_tasks; null when there is none.'),
  current_tasks: z.array(z.string()).describe('Small tasks that are alike but for their structures run in groups.'),
  loaded_models: z.array(z.string()),
  other_processes: z
    .array(
      z.object({ pid: z.int().nonnegative(), name: z.string(), memory_used_mb: z.number().nonnegative().nullable() }),
    )
    .describe('Programs of others that compute there; ours are left out.'),
  is_enabled: z
    .boolean()
    .describe('false: the owner of the machine keeps it for something else; no process of ours opens it.'),
  is_paused: z.boolean().describe('true: takes no new task, what runs goes on.'),
  memory_limit_mb: z.number().positive().nullable().describe('Memory that tasks may take together; null = all.'),
  concurrency: z
    .int()
    .positive()
    .describe('Processes that compute there at the same time, each one task or one group of small ones.'),
  problem: z.string().nullable().describe('Why it is offline, in words for people; null while all is well.'),
});
export type Gpu = z.infer<typeof gpuSchema>;

/** PATCH /system/gpus/{id}: by index or by UUID. Kept by UUID. */
export const gpuSettingsSchema = z.strictObject({
  is_enabled: z.boolean().optional(),
  is_paused: z.boolean().optional(),
  memory_limit_mb: z.number().positive().nullable().optional(),
  concurrency: z.int().min(1).max(16).optional(),
});
export type GpuSettings = z.infer<typeof gpuSettingsSchema>;

/** GET /system/gpus. `cpu` is shown as well, because tasks run there when there is no GPU. */
export const gpusSchema = z.object({
  gpus: z.array(gpuSchema),
  cpu: z.object({
    name: z.string(),
    n_threads: z.int().positive(),
    memory_used_mb: z
      .number()
      .nonnegative()
      .describe('Memory that programs hold; what the system would give back at once is not counted.'),
    memory_total_mb: z.number().nonnegative(),
    status: z.enum(['free', 'busy', 'unused']),
    current_task: z.string().nullable().describe('The first of current_tasks; null when there is none.'),
    current_tasks: z.array(z.string()),
  }),
  unavailable_reason: z
    .string()
    .nullable()
    .describe("Why no GPU is offered, in the driver's words; null when there is one."),
});
export type Gpus = z.infer<typeof gpusSchema>;

/** GET /system/stats */
export const systemStatsSchema = z.object({
  tasks: z.object({
    pending: z.int().nonnegative(),
    running: z.int().nonnegative(),
    completed_today: z.int().nonnegative(),
    failed_today: z.int().nonnegative(),
  }),
  gpus: z.object({ total: z.int().nonnegative(), free: z.int().nonnegative(), busy: z.int().nonnegative() }),
  queue: z.object({ size: z.int().nonnegative(), estimated_wait_seconds: z.number().nonnegative().nullable() }),
});

/** GET /system/queue; POST /system/queue/pause and /resume answer it as well. */
export const queueStateSchema = z.object({
  is_paused: z.boolean(),
  is_draining: z.boolean().describe('The service is on its way to its end and takes no more tasks.'),
  pending: z.int().nonnegative(),
  queued: z.int().nonnegative(),
  running: z.int().nonnegative(),
  by_priority: z.object({
    CRITICAL: z.int().nonnegative(),
    HIGH: z.int().nonnegative(),
    NORMAL: z.int().nonnegative(),
    LOW: z.int().nonnegative(),
  }),
  estimated_wait_seconds: z.number().nonnegative().nullable(),
});
export type QueueState = z.infer<typeof queueStateSchema>;

/** Small tasks that one process computes at the same time, at most; 1 = every task alone. */
export const tasksPerGroupSchema = z.strictObject({
  gpu: z.int().min(1).max(MOST_TASKS_OF_A_GROUP).default(DEFAULT_TASKS_PER_GROUP.gpu),
  cpu: z.int().min(1).max(MOST_TASKS_OF_A_GROUP).default(DEFAULT_TASKS_PER_GROUP.cpu),
});
export type TasksPerGroup = z.infer<typeof tasksPerGroupSchema>;

/** GET /system/config: what a client may want to know of this installation. */
export const systemConfigSchema = z.object({
  version: z.string(),
  rate_limits: rateLimitsSchema,
  max_upload_bytes: z.int().positive(),
  max_atoms: z.int().positive(),
  max_batch_tasks: z.int().positive(),
  max_queue_size: z.int().positive(),
  checkpoint_interval_seconds: z.number().positive(),
  webhook_allowed_hosts: z.array(z.string()),
  tasks_per_group: tasksPerGroupSchema,
});
