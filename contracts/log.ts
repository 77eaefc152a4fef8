// Log lines of a task.
import { z } from 'zod';

export const logLevelSchema = z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
export type LogLevel = z.infer<typeof logLevelSchema>;

export const logLineSchema = z.object({
  timestamp: z.iso.datetime(),
  level: logLevelSchema,
  message: z.string(),
  context: z.record(z.string(), z.unknown()),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const logQuerySchema = z.object({
  level: logLevelSchema.optional().describe('This level and the graver ones.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});

export const logsSchema = z.object({ logs: z.array(logLineSchema), total: z.int().nonnegative() });
