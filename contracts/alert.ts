// Alerts: rules, what is active, what was.
import { z } from 'zod';

export const alertRuleNameSchema = z.enum([
  'gpu_lost',
  'gpu_memory_low',
  'gpu_temperature_high',
  'queue_long',
  'model_failing',
  'disk_low',
  'latency_high',
  'task_process_lost',
]);
export type AlertRuleName = z.infer<typeof alertRuleNameSchema>;

export const alertSeveritySchema = z.enum(['warning', 'critical']);

export const alertRuleSchema = z.object({
  rule: alertRuleNameSchema,
  severity: alertSeveritySchema,
  description: z.string(),
  threshold: z
    .number()
    .nullable()
    .describe('What the measured value is compared with, in `unit`; null for a rule without a number.'),
  unit: z.string().nullable(),
});
export const alertRuleListSchema = z.object({ rules: z.array(alertRuleSchema) });

export const alertSchema = z.object({
  alert_id: z.string(),
  rule: alertRuleNameSchema,
  severity: alertSeveritySchema,
  target: z.string().describe('GPU, model or folder that it is about.'),
  message: z.string(),
  fired_at: z.iso.datetime(),
  resolved_at: z.iso.datetime().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type Alert = z.infer<typeof alertSchema>;
export const alertListSchema = z.object({ alerts: z.array(alertSchema) });
export const alertHistoryQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
