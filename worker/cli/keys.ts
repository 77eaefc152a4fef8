// `mofsim keys`: through the API of the running service, or in the data folder of one that does not run.
import type { z } from 'zod';
import { newApiKeySchema } from '../../contracts/api-key.ts';
import type { ApiKey, createdApiKeySchema } from '../../contracts/api-key.ts';
import { ServiceError } from '../../contracts/error-code.ts';
import { createAudit } from '../service/audit.ts';
import { createCredentials } from '../service/credentials.ts';
import type { Caller } from '../service/credentials.ts';
import { LOCAL_USER } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { checked } from './checked.ts';
import { badInput } from './cli-error.ts';
import { homeOf, readFirstKey } from './connect.ts';
import { apiOfRunning, openUnlessRunning } from './data-folder.ts';
import { printJson, printTable } from './print.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Whoever can write the data folder may do everything in it. */
const FOLDER_OWNER: Caller = { owner: LOCAL_USER, key_id: null, scope: 'admin' };

export interface KeyOptions {
  home?: string;
  json?: true;
}

interface Keys {
  list(): Promise<ApiKey[]>;
  create(key: z.infer<typeof newApiKeySchema>): Promise<z.infer<typeof createdApiKeySchema>>;
  revoke(key_id: string): Promise<ApiKey>;
}

export async function listKeys(options: KeyOptions): Promise<void> {
  const keys = await withKeys(options, (of) => of.list());
  if (options.json === true) {
    printJson({ keys });
    return;
  }
  const rows = keys.map((key) => [key.key_id, key.scope, stateOf(key), key.last_used_at ?? 'never', key.name]);
  printTable([['KEY', 'SCOPE', 'STATE', 'LAST USED', 'NAME'], ...rows]);
}

export async function createKey(
  name: string,
  options: KeyOptions & { scope?: string; expires?: string },
): Promise<void> {
  const { scope, expires } = options;
  const key = checked(newApiKeySchema, { name, scope, expires_at: expiryOf(expires) }, 'key');
  const created = await withKeys(options, (of) => of.create(key));
  if (options.json === true) printJson(created);
  else {
    console.log(created.key);
    console.error(`${created.key_id} with the scope ${created.scope}. The key is not shown again: keep it.`);
  }
}

export async function revokeKey(key_id: string, options: KeyOptions): Promise<void> {
  const revoked = await withKeys(options, (of) => of.revoke(key_id));
  if (options.json === true) printJson(revoked);
  else console.log(`${key_id} (${revoked.name}) was revoked.`);
}

/** The first key, which the service made and keeps in a file for its owner. */
export async function showFirstKey(options: KeyOptions): Promise<void> {
  const key = await readFirstKey(homeOf(options));
  if (options.json === true) printJson({ key });
  else console.log(key);
}

async function withKeys<Result>(options: KeyOptions, use: (keys: Keys) => Promise<Result>): Promise<Result> {
  const home = homeOf(options);
  const store = openUnlessRunning(home);
  if (store === null) return use(await keysOfRunning(home));
  try {
    return await use(keysOfFolder(store));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { message } = error.details;
    throw badInput(typeof message === 'string' ? message : error.message, { cause: error });
  } finally {
    store.close();
  }
}

function keysOfFolder(store: Store): Keys {
  const now = () => new Date();
  const credentials = createCredentials({ store, audit: createAudit(store, now), now });
  return {
    list: () => Promise.resolve(credentials.list(LOCAL_USER)),
    create: async (key) => Promise.resolve(credentials.create(FOLDER_OWNER, key)),
    revoke: async (key_id) => Promise.resolve(credentials.revoke(FOLDER_OWNER, key_id)),
  };
}

async function keysOfRunning(home: string): Promise<Keys> {
  const api = await apiOfRunning(home, REQUEST_TIMEOUT_MS);
  return {
    list: () => api.listKeys(),
    create: (newKey) => api.createKey(newKey),
    revoke: (key_id) => api.revokeKey(key_id),
  };
}

/** A date alone is the end of that day, UTC. */
function expiryOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text;
}

function stateOf({ revoked_at, expires_at }: ApiKey): string {
  if (revoked_at !== null) return `revoked ${revoked_at}`;
  if (expires_at === null) return 'works';
  return Date.parse(expires_at) <= Date.now() ? `expired ${expires_at}` : `until ${expires_at}`;
}
