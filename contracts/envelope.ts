// The envelope of the `mofsim` dialect: success or error, never both.
import { z } from 'zod';

export function successSchema<T extends z.ZodType>(data: T) {
  return z.object({ success: z.literal(true), data, message: z.string() });
}

export const errorResponseSchema = z.object({
  success: z.literal(false),
  error: z.object({ code: z.int(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
});
