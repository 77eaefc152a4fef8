// Queries on api_keys.
import { z } from 'zod';
import { scopeSchema } from '../../contracts/api-key.ts';
import type { Connection } from './open-database.ts';

const apiKeyRowSchema = z.object({
  key_id: z.string(),
  owner: z.string(),
  sha256: z.instanceof(Uint8Array),
  name: z.string(),
  scope: scopeSchema,
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});
const rowOrNullSchema = apiKeyRowSchema.nullable();
export type ApiKeyRow = z.infer<typeof apiKeyRowSchema>;
export type NewApiKey = Omit<ApiKeyRow, 'sha256' | 'revoked_at' | 'last_used_at'> & { sha256: Uint8Array };

export interface ApiKeyStore {
  /** Newest first, revoked ones too. */
  list(owner: string): ApiKeyRow[];
  find(key_id: string): ApiKeyRow | null;
  findByHash(sha256: Uint8Array): ApiKeyRow | null;
  /** Replaces the key of that id when there is one; the new one is not revoked. */
  put(key: NewApiKey): void;
  /** false when it is revoked already, unknown, or the last admin key of its owner that works at `now`. */
  revoke(key_id: string, now: string): boolean;
  use(key_id: string, now: string): void;
}

const COLUMNS = 'key_id, owner, sha256, name, scope, created_at, expires_at, revoked_at, last_used_at';

export function createApiKeyStore(connection: Connection): ApiKeyStore {
  const list = connection.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE owner = ? ORDER BY created_at DESC, key_id`);
  const find = connection.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE key_id = ?`);
  const findByHash = connection.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE sha256 = ?`);
  const put = connection.prepare(
    `INSERT INTO api_keys (key_id, owner, sha256, name, scope, created_at, expires_at)
     VALUES (:key_id, :owner, :sha256, :name, :scope, :created_at, :expires_at)
     ON CONFLICT (key_id) DO UPDATE SET sha256 = excluded.sha256, name = excluded.name, scope = excluded.scope,
       created_at = excluded.created_at, expires_at = excluded.expires_at, revoked_at = NULL, last_used_at = NULL`,
  );
  // The condition is part of the statement: two callers that revoke each other's key cannot both win.
  const revoke = connection.prepare(
    `UPDATE api_keys AS mine SET revoked_at = :now
      WHERE key_id = :key_id AND revoked_at IS NULL
        AND (scope <> 'admin' OR EXISTS (
          SELECT 1 FROM api_keys AS other
           WHERE other.owner = mine.owner AND other.key_id <> mine.key_id AND other.scope = 'admin'
             AND other.revoked_at IS NULL AND (other.expires_at IS NULL OR other.expires_at > :now)))`,
  );
  const use = connection.prepare('UPDATE api_keys SET last_used_at = :now WHERE key_id = :key_id');

  const rowOrNull = (value: unknown): ApiKeyRow | null => rowOrNullSchema.parse(value ?? null);
  return {
    list: (owner) => z.array(apiKeyRowSchema).parse(list.all(owner)),
    find: (key_id) => rowOrNull(find.get(key_id)),
    findByHash: (sha256) => rowOrNull(findByHash.get(sha256)),
    put: (key) => {
      put.run(key);
    },
    revoke: (key_id, now) => revoke.run({ key_id, now }).changes === 1,
    use: (key_id, now) => {
      use.run({ key_id, now });
    },
  };
}
