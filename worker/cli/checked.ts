// Input of the command line against its schema.
import type { z } from 'zod';
import { badInput } from './cli-error.ts';

/** @throws CliError bad input naming every field that is wrong, and why */
export function checked<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw badInput(`Bad ${what}: ${issues.join('; ')}`, { cause: parsed.error });
}
