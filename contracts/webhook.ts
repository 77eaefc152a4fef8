// Webhooks: what is sent, and what the delivery log shows.
import { z } from 'zod';
import { paginationSchema, taskErrorSchema, taskIdSchema } from './task.ts';
import { taskStatusSchema } from './task-status.ts';
import { taskTypeSchema } from './task-types.ts';

export const webhookEventNameSchema = z.enum([
  'task.started',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.timeout',
]);
export type WebhookEventName = z.infer<typeof webhookEventNameSchema>;

/** The body of a delivery. */
export const webhookBodySchema = z.object({
  event: webhookEventNameSchema,
  task_id: taskIdSchema,
  status: taskStatusSchema,
  timestamp: z.iso.datetime(),
  result_url: z.url(),
  task_type: taskTypeSchema,
  model: z.string(),
  execution_time_seconds: z.number().nonnegative().nullable(),
  error: taskErrorSchema.optional(),
  timeout_seconds: z.number().positive().optional(),
});
export type WebhookBody = z.infer<typeof webhookBodySchema>;

/** Seconds after the event at which it is tried; after the last one the delivery is given up. */
export const WEBHOOK_SCHEDULE_SECONDS = [0, 60, 300, 900, 3600] as const;
export const WEBHOOK_TIMEOUT_SECONDS = 30;
export const WEBHOOK_SUCCESS_STATUSES: readonly number[] = [200, 201, 202, 204];

export const webhookDeliveryStatusSchema = z.enum(['pending', 'delivered', 'failed']);

/** GET /webhooks/deliveries and /tasks/{task_id}/webhooks, newest first. The secret is never shown. */
export const webhookDeliverySchema = z.object({
  delivery_id: z.string(),
  task_id: taskIdSchema,
  event: webhookEventNameSchema,
  redelivery_of: z
    .string()
    .nullable()
    .describe('The delivery that this one repeats on demand; null for the one that the event made.'),
  url: z.string(),
  status: webhookDeliveryStatusSchema,
  created_at: z.iso.datetime(),
  next_attempt_at: z.iso.datetime().nullable(),
  attempts: z.array(
    z.object({
      timestamp: z.iso.datetime(),
      http_status: z.int().nullable().describe('null when there was no answer.'),
      error: z.string().nullable(),
      duration_ms: z.number().nonnegative(),
    }),
  ),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryQuerySchema = z.object({
  status: webhookDeliveryStatusSchema.optional(),
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(20),
});

export const webhookDeliveryListSchema = z.object({
  deliveries: z.array(webhookDeliverySchema),
  pagination: paginationSchema,
});

export const taskWebhooksSchema = z.object({ deliveries: z.array(webhookDeliverySchema) });
