// Queries on idempotency keys: which answer a request with such a key has got.
import { z } from 'zod';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const keptAnswerSchema = z.object({
  request_sha256: z.instanceof(Uint8Array),
  answer: jsonColumn(z.unknown()),
});
export type KeptAnswer = z.infer<typeof keptAnswerSchema>;

export interface NewKeptAnswer extends KeptAnswer {
  owner: string;
  idempotency_key: string;
  /** ISO 8601 in UTC. */
  created_at: string;
}

export interface IdempotencyStore {
  /** @param created_after older answers do not count */
  find(owner: string, idempotency_key: string, created_after: string): KeptAnswer | null;
  /** Takes the place of an answer that does not count any more. */
  put(answer: NewKeptAnswer): void;
  forget(created_before: string): void;
}

export function createIdempotencyStore(connection: Connection): IdempotencyStore {
  const find = connection.prepare(
    `SELECT request_sha256, answer FROM idempotency_keys
      WHERE owner = :owner AND idempotency_key = :idempotency_key AND created_at >= :created_after`,
  );
  const put = connection.prepare(
    `INSERT OR REPLACE INTO idempotency_keys (owner, idempotency_key, request_sha256, answer, created_at)
     VALUES (:owner, :idempotency_key, :request_sha256, :answer, :created_at)`,
  );
  const forget = connection.prepare('DELETE FROM idempotency_keys WHERE created_at < ?');
  return {
    find: (owner, idempotency_key, created_after) =>
      keptAnswerSchema.nullable().parse(find.get({ owner, idempotency_key, created_after }) ?? null),
    put: (kept) => {
      put.run({ ...kept, answer: JSON.stringify(kept.answer) });
    },
    forget: (created_before) => {
      forget.run(created_before);
    },
  };
}
