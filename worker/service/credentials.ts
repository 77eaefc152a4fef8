// Who may call: API keys (stored as hashes), a key preset for this run, and the window's session tokens (memory only).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import { LOCAL_USER } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { writeFileAtomic } from '../store/write-file.ts';

const FIRST_KEY_ID = 'first';
const FIRST_KEY_FILE = 'api-key';

export interface Caller {
  owner: string;
}

export interface Credentials {
  /** The key for scripts: the preset one, else the first key of the data folder, made when it is missing. */
  prepareFirstKey(preset: string | undefined): Promise<string>;
  /** Full rights until the service ends. */
  createSessionToken(): string;
  /** @throws ServiceError 40103 | 40104 */
  check(secret: string): Caller;
}

interface Known {
  sha256: Uint8Array;
  owner: string;
  expires_at: string | null;
}

export function createCredentials(store: Store, now: () => Date): Credentials {
  const inMemory: Known[] = [];
  const remember = (secret: string): void => {
    inMemory.push({ sha256: sha256(secret), owner: LOCAL_USER, expires_at: null });
  };

  return {
    prepareFirstKey: async (preset) => {
      if (preset !== undefined) {
        remember(preset);
        return preset;
      }
      const file = join(store.home, FIRST_KEY_FILE);
      const written = (await readFile(file, 'utf8').catch(() => '')).trim();
      const stored = store.apiKeys.all().find(({ key_id }) => key_id === FIRST_KEY_ID);
      if (stored !== undefined && written !== '' && isEqual(stored.sha256, sha256(written))) return written;
      // No key yet, or its file was lost or edited: a new one takes its place, because only its hash is known here.
      const key = `mofsim_${randomBytes(32).toString('base64url')}`;
      await writeFileAtomic(file, `${key}\n`, 0o600);
      const created_at = now().toISOString();
      store.apiKeys.put({ key_id: FIRST_KEY_ID, owner: LOCAL_USER, sha256: sha256(key), created_at });
      return key;
    },

    createSessionToken: () => {
      const token = `session_${randomBytes(32).toString('base64url')}`;
      remember(token);
      return token;
    },

    check: (secret) => {
      const hash = sha256(secret);
      const known: readonly Known[] = [...inMemory, ...store.apiKeys.all()];
      const match = known.find((candidate) => isEqual(candidate.sha256, hash));
      if (match === undefined) throw new ServiceError(40103);
      if (match.expires_at !== null && match.expires_at <= now().toISOString()) throw new ServiceError(40104);
      return { owner: match.owner };
    },
  };
}

function sha256(secret: string): Uint8Array {
  return createHash('sha256').update(secret, 'utf8').digest();
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
