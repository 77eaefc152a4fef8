// What the owner of an installation may set: `config.json` in the data folder, or the file that MOFSIM_CONFIG names. Read once,
// at start; a mistake stops the start and is named, because a limit that is silently not applied helps nobody.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_RATE_LIMITS, rateLimitSchema } from '../../contracts/rate-limit.ts';
import type { RateLimits } from '../../contracts/rate-limit.ts';
import { tasksPerGroupSchema } from '../../contracts/system.ts';
import type { TasksPerGroup } from '../../contracts/system.ts';
import { CHECKPOINT_INTERVAL_SECONDS } from '../pool/local-slot.ts';

export const CONFIG_FILE = 'config.json';
const DEFAULT_MAX_QUEUE_SIZE = 100_000;

const configurationSchema = z.strictObject({
  rate_limits: z
    .strictObject({
      submit: rateLimitSchema.optional(),
      status: rateLimitSchema.optional(),
      upload: rateLimitSchema.optional(),
      other: rateLimitSchema.optional(),
    })
    .default({}),
  /** Tasks that may wait at the same time. */
  max_queue_size: z.int().positive().default(DEFAULT_MAX_QUEUE_SIZE),
  /** A running task keeps its state at least this often. */
  checkpoint_interval_seconds: z.number().min(0.1).max(86_400).default(CHECKPOINT_INTERVAL_SECONDS),
  /** Names, addresses or ranges (192.168.1.0/24) in the local network that webhooks may go to. */
  webhook_allowed_hosts: z.array(z.string().trim().min(1).max(253)).max(1000).default([]),
  tasks_per_group: tasksPerGroupSchema.prefault({}),
});

export interface Configuration {
  rate_limits: RateLimits;
  max_queue_size: number;
  checkpoint_interval_seconds: number;
  webhook_allowed_hosts: readonly string[];
  tasks_per_group: TasksPerGroup;
}

/** @throws Error naming the file and what is wrong in it */
export async function readConfiguration(home: string, env: NodeJS.ProcessEnv): Promise<Configuration> {
  const { MOFSIM_CONFIG: named = '' } = env;
  const file = named === '' ? join(home, CONFIG_FILE) : named;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (named === '' && isAbsent) return '{}';
    throw new Error(`The configuration ${file} cannot be read.`, { cause: error });
  });
  return parseConfiguration(text, file);
}

export function parseConfiguration(text: string, file: string): Configuration {
  const parsed = configurationSchema.safeParse(parseJson(text, file));
  if (parsed.success) return { ...parsed.data, rate_limits: withDefaults(parsed.data.rate_limits) };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(file)'}: ${message}`);
  throw new Error(`The configuration ${file} is not valid: ${issues.join('; ')}`, { cause: parsed.error });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The configuration ${file} is not JSON.`, { cause });
  }
}

function withDefaults(given: z.infer<typeof configurationSchema>['rate_limits']): RateLimits {
  const { submit, status, upload, other } = DEFAULT_RATE_LIMITS;
  return {
    submit: given.submit ?? submit,
    status: given.status ?? status,
    upload: given.upload ?? upload,
    other: given.other ?? other,
  };
}

/** What holds without a file. */
export const DEFAULT_CONFIGURATION: Configuration = parseConfiguration('{}', CONFIG_FILE);
