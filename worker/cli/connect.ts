// The running service from the side of a command: its address and a key, as options, from the environment or from the data folder.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FIRST_KEY_FILE } from '../service/credentials.ts';
import { readServiceAddress } from '../service/service-address.ts';
import { ApiClient } from './api-client.ts';
import { CliError, EXIT_FAILED, EXIT_INTERRUPTED } from './cli-error.ts';
import { defaultHome } from './paths.ts';
import { onStopSignal } from './stop-signal.ts';

export const connectionOptionsSchema = z.object({
  url: z.url({ protocol: /^https?$/ }).optional(),
  home: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});
export type ConnectionOptions = z.infer<typeof connectionOptionsSchema>;

/** Ctrl-C ends what the command waits for; the tasks go on. */
export async function withService<Result>(
  options: ConnectionOptions,
  use: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  const stopListening = onStopSignal(() => {
    abort.abort();
  });
  try {
    const home = homeOf(options);
    const url = options.url ?? present(process.env.MOFSIM_URL) ?? (await readServiceAddress(home));
    if (url === null) {
      const message = `No service runs on ${home}. Start one with mofsim serve, or name one with --url or MOFSIM_URL.`;
      throw new CliError(EXIT_FAILED, message);
    }
    const key = present(process.env.MOFSIM_API_KEY) ?? (await readFirstKey(home));
    return await use(new ApiClient(url.replace(/\/$/, ''), key, abort.signal));
  } catch (error) {
    if (abort.signal.aborted) throw new CliError(EXIT_INTERRUPTED, 'Interrupted.', { cause: error });
    throw reachable(error);
  } finally {
    stopListening();
  }
}

/** @throws CliError when the service has not made it yet */
export async function readFirstKey(home: string): Promise<string> {
  const file = join(home, FIRST_KEY_FILE);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `There is no ${file}: mofsim serve makes it at its first start, unless MOFSIM_API_KEY is set.`;
    throw new CliError(EXIT_FAILED, message, { cause });
  });
  return text.trim();
}

export function homeOf({ home }: { home?: string | undefined }): string {
  return home === undefined ? defaultHome() : resolve(home);
}

function present(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** fetch says only that it failed; the reason is in its cause. */
function reachable(error: unknown): unknown {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return error;
  return new CliError(EXIT_FAILED, `The service cannot be reached: ${error.cause.message}`, { cause: error });
}
