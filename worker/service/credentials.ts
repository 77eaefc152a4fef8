// Who may call: API keys (stored as hashes), a key preset for this run, and the window's session tokens (memory only).
import { hash as digestOf, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ApiKey, Scope, createdApiKeySchema, newApiKeySchema } from '../../contracts/api-key.ts';
import { ServiceError } from '../../contracts/error-code.ts';
import type { ApiKeyRow } from '../store/api-keys.ts';
import { LOCAL_USER } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import type { Audit } from './audit.ts';
import { createId } from './ids.ts';

export const FIRST_KEY_FILE = 'api-key';
const FIRST_KEY_ID = 'first';
const PRESET_KEY_ID = 'preset';
/** `last_used_at` is exact to this; one write per request would be one wait for the disk per request. */
const USE_RESOLUTION_MS = 60_000;

export interface Caller {
  owner: string;
  /** null for the window's session: it has no rate limit. */
  key_id: string | null;
  scope: Scope;
}

export interface Credentials {
  /** The admin key for scripts: the preset one, else the first key of the data folder, made when it is missing. */
  prepareFirstKey(preset: string | undefined): Promise<string>;
  /** Full rights until the service ends. */
  createSessionToken(): string;
  /** @throws ServiceError 40103 | 40104 */
  check(secret: string): Caller;
  list(owner: string): ApiKey[];
  /** The only time that the key itself is told. @throws ServiceError 40004 when it would have expired already */
  create(caller: Caller, key: z.infer<typeof newApiKeySchema>): z.infer<typeof createdApiKeySchema>;
  /** @throws ServiceError 40405 no such key | 40305 revoked already, or the last admin key */
  revoke(caller: Caller, key_id: string): ApiKey;
}

interface Known {
  sha256: Uint8Array;
  caller: Caller;
}

export interface CredentialsParts {
  store: Pick<Store, 'home' | 'apiKeys' | 'transaction'>;
  audit: Audit;
  now: () => Date;
}

export function createCredentials({ store, audit, now }: CredentialsParts): Credentials {
  const inMemory = new Map<string, Known>();
  const remember = (secret: string, key_id: string | null): void => {
    const hash = sha256(secret);
    inMemory.set(hash.toString('hex'), { sha256: hash, caller: { owner: LOCAL_USER, key_id, scope: 'admin' } });
  };

  const noteUse = ({ key_id, last_used_at }: ApiKeyRow, at: Date): void => {
    const age = last_used_at === null ? Infinity : Math.abs(at.getTime() - Date.parse(last_used_at));
    if (age >= USE_RESOLUTION_MS) store.apiKeys.use(key_id, at.toISOString());
  };

  /** @throws ServiceError 40405 */
  const find = (owner: string, key_id: string): ApiKeyRow => {
    const row = store.apiKeys.find(key_id);
    if (row?.owner === owner) return row;
    throw new ServiceError(40405, { message: `There is no key ${key_id}; GET /keys lists them.`, key_id });
  };

  return {
    prepareFirstKey: async (preset) => {
      if (preset !== undefined) {
        remember(preset, PRESET_KEY_ID);
        return preset;
      }
      const file = join(store.home, FIRST_KEY_FILE);
      const written = (await readFile(file, 'utf8').catch(() => '')).trim();
      const stored = store.apiKeys.find(FIRST_KEY_ID);
      const isUsable = stored?.revoked_at === null && written !== '' && isEqual(stored.sha256, sha256(written));
      if (isUsable) return written;
      // No key yet, or it was revoked, or its file was lost or edited: a new one takes its place, because only the hash is known.
      const key = createKey();
      await writeFileAtomic(file, `${key}\n`, 0o600);
      store.transaction(() => {
        const created_at = now().toISOString();
        store.apiKeys.put({ ...FIRST_KEY, sha256: sha256(key), created_at });
        audit.record(null, 'key.created', FIRST_KEY_ID, { name: FIRST_KEY.name, scope: FIRST_KEY.scope });
      });
      return key;
    },

    createSessionToken: () => {
      const token = `session_${randomBytes(32).toString('base64url')}`;
      remember(token, null);
      return token;
    },

    check: (secret) => {
      const hash = sha256(secret);
      const session = inMemory.get(hash.toString('hex'));
      if (session !== undefined && isEqual(session.sha256, hash)) return session.caller;
      // Found by its hash: how long that takes tells nothing about a key that is 256 random bits.
      const row = store.apiKeys.findByHash(hash);
      if (row === null || !isEqual(row.sha256, hash)) throw new ServiceError(40103);
      if (row.revoked_at !== null) throw new ServiceError(40103, { message: 'The key was revoked.' });
      const at = now();
      if (isExpired(row, at)) throw new ServiceError(40104, { expires_at: row.expires_at });
      noteUse(row, at);
      return { owner: row.owner, key_id: row.key_id, scope: row.scope };
    },

    list: (owner) => store.apiKeys.list(owner).map(toApiKey),

    create: ({ owner, key_id: creator }, { name, scope, expires_at }) => {
      const at = now();
      const expires = expires_at === undefined ? null : new Date(expires_at).toISOString();
      if (expires !== null && expires <= at.toISOString()) {
        throw new ServiceError(40004, {
          message: 'expires_at lies in the past.',
          fields: [{ field: 'expires_at', reason: 'must lie in the future' }],
        });
      }
      const key = createKey();
      const key_id = createId('key');
      const row = { key_id, owner, name, scope, created_at: at.toISOString(), expires_at: expires };
      store.transaction(() => {
        store.apiKeys.put({ ...row, sha256: sha256(key) });
        audit.record(creator, 'key.created', key_id, { name, scope, expires_at: expires });
      });
      return { ...row, revoked_at: null, last_used_at: null, key };
    },

    revoke: ({ owner, key_id: revoker }, key_id) => {
      const row = find(owner, key_id);
      if (row.revoked_at !== null) {
        throw new ServiceError(40305, { message: `The key was revoked at ${row.revoked_at}.`, key_id });
      }
      const isRevoked = store.transaction(() => {
        const done = store.apiKeys.revoke(key_id, now().toISOString());
        if (done) audit.record(revoker, 'key.revoked', key_id, { name: row.name, scope: row.scope });
        return done;
      });
      if (isRevoked) return toApiKey(find(owner, key_id));
      const message = 'This is the last admin key that works. Create another one first: POST /keys with scope admin.';
      throw new ServiceError(40305, { message, key_id });
    },
  };
}

const FIRST_KEY = {
  key_id: FIRST_KEY_ID,
  owner: LOCAL_USER,
  name: 'first key',
  scope: 'admin',
  expires_at: null,
} as const;

function createKey(): string {
  return `mofsim_${randomBytes(32).toString('base64url')}`;
}

function toApiKey({ key_id, name, scope, created_at, expires_at, revoked_at, last_used_at }: ApiKeyRow): ApiKey {
  return { key_id, name, scope, created_at, expires_at, revoked_at, last_used_at };
}

function isExpired({ expires_at }: ApiKeyRow, at: Date): boolean {
  return expires_at !== null && expires_at <= at.toISOString();
}

function sha256(secret: string): Buffer {
  return digestOf('sha256', secret, 'buffer');
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
