// Queries on api_keys.
import { z } from 'zod';
import type { Connection } from './open-database.ts';

const apiKeyRowSchema = z.object({
  key_id: z.string(),
  owner: z.string(),
  sha256: z.instanceof(Uint8Array),
  expires_at: z.string().nullable(),
});
export type ApiKeyRow = z.infer<typeof apiKeyRowSchema>;

export interface ApiKeyStore {
  all(): ApiKeyRow[];
  /** Replaces the hash when the key exists already. */
  put(key: { key_id: string; owner: string; sha256: Uint8Array; created_at: string }): void;
}

export function createApiKeyStore(connection: Connection): ApiKeyStore {
  const all = connection.prepare('SELECT key_id, owner, sha256, expires_at FROM api_keys');
  const put = connection.prepare(
    `INSERT INTO api_keys (key_id, owner, sha256, created_at) VALUES (:key_id, :owner, :sha256, :created_at)
     ON CONFLICT (key_id) DO UPDATE SET sha256 = excluded.sha256, created_at = excluded.created_at`,
  );
  return {
    all: () => z.array(apiKeyRowSchema).parse(all.all()),
    put: (key) => {
      put.run(key);
    },
  };
}
