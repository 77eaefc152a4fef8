// Rate limits per API key, as the API document has them; the configuration may change them.
import { z } from 'zod';

export const rateLimitClassSchema = z.enum(['submit', 'status', 'upload', 'other']);
export type RateLimitClass = z.infer<typeof rateLimitClassSchema>;

export const rateLimitSchema = z.object({ limit: z.int().positive(), window_seconds: z.number().positive() });
export const rateLimitsSchema = z.record(rateLimitClassSchema, rateLimitSchema);
export type RateLimits = z.infer<typeof rateLimitsSchema>;

export const DEFAULT_RATE_LIMITS: RateLimits = {
  submit: { limit: 100, window_seconds: 60 },
  status: { limit: 1000, window_seconds: 60 },
  upload: { limit: 10, window_seconds: 60 },
  other: { limit: 500, window_seconds: 60 },
};
