// Health and devices.
import { z } from 'zod';

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
  current_task: z.string().nullable(),
  loaded_models: z.array(z.string()),
});

/** GET /system/gpus. `cpu` is shown as well, because tasks run there when there is no GPU. */
export const gpusSchema = z.object({
  gpus: z.array(gpuSchema),
  cpu: z.object({
    name: z.string(),
    n_threads: z.int().positive(),
    /** Memory that programs hold; what the system would give back at once is not counted. */
    memory_used_mb: z.number().nonnegative(),
    memory_total_mb: z.number().nonnegative(),
    status: z.enum(['free', 'busy', 'unused']),
    current_task: z.string().nullable(),
  }),
  /** Why no GPU is offered, in the driver's words; null when there is one. */
  unavailable_reason: z.string().nullable(),
});
export type Gpus = z.infer<typeof gpusSchema>;
