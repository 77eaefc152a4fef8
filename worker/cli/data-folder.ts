// The data folder from the side of a command: its own when no service runs on it, else through the API of the one that does.
import { readServiceAddress } from '../service/service-address.ts';
import { StoreError } from '../store/store-error.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { ApiClient } from './api-client.ts';
import { CliError, EXIT_FAILED } from './cli-error.ts';
import { readFirstKey } from './connect.ts';

/** null when a service holds the folder. */
export function openUnlessRunning(home: string): Store | null {
  try {
    return openStore(home);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'home_in_use') return null;
    throw error;
  }
}

/** With the key of MOFSIM_API_KEY, else the first key of the folder. @throws CliError when it does not answer yet */
export async function apiOfRunning(home: string, timeoutMs: number): Promise<ApiClient> {
  const url = await readServiceAddress(home);
  if (url === null) {
    throw new CliError(EXIT_FAILED, `A service uses ${home}, but does not answer yet. Try again in a moment.`);
  }
  const { MOFSIM_API_KEY: preset = '' } = process.env;
  const key = preset === '' ? await readFirstKey(home) : preset;
  return new ApiClient(url, key, AbortSignal.timeout(timeoutMs));
}
