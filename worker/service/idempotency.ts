// The same request twice gives one answer: an Idempotency-Key names it, and the answer is kept with what it has made.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Store } from '../store/store.ts';

/** How long an answer is kept. */
export const KEPT_HOURS = 24;

export interface IdempotentRequest {
  owner: string;
  /** null: the client gave none, every request is new. */
  key: string | null;
  /** The operation and its body, whatever makes the request what it is. */
  content: unknown;
}

export interface Once<Answer> {
  answer: Answer;
  /** Kept from the first time. */
  is_replayed: boolean;
}

export interface Idempotency {
  /**
   * @param act calls `keep` with its answer inside the transaction that makes the answer true
   * @throws ServiceError 42207 when the key came with another request before
   */
  once<Answer>(
    request: IdempotentRequest,
    schema: z.ZodType<Answer>,
    act: (keep: (answer: Answer) => void) => Promise<Answer>,
  ): Promise<Once<Answer>>;
}

export function createIdempotency(store: Pick<Store, 'idempotency' | 'flush'>, now: () => Date): Idempotency {
  /** Requests under way by owner and key: a twin waits for the first. */
  const underWay = new Map<string, Promise<unknown>>();
  const oldestThatCounts = (): string => new Date(now().getTime() - KEPT_HOURS * 3600 * 1000).toISOString();

  const find = <Answer>(owner: string, key: string, hash: Buffer, schema: z.ZodType<Answer>): Answer | null => {
    const kept = store.idempotency.find(owner, key, oldestThatCounts());
    if (kept === null) return null;
    if (!hash.equals(kept.request_sha256)) throw differentRequest(key);
    return schema.parse(kept.answer);
  };

  return {
    once: async (request, schema, act) => {
      const { owner, key } = request;
      if (key === null) return { answer: await act(() => undefined), is_replayed: false };
      const request_sha256 = createHash('sha256').update(canonicalJson(request.content)).digest();
      const slot = JSON.stringify([owner, key]);
      // Whatever becomes of the first: afterwards its answer is there, or the next one may try.
      for (let first = underWay.get(slot); first !== undefined; first = underWay.get(slot)) {
        await first.catch(() => undefined);
      }
      const known = find(owner, key, request_sha256, schema);
      if (known !== null) {
        // The first request may have been told that the disk failed it.
        await store.flush();
        return { answer: known, is_replayed: true };
      }
      const acting = act((answer) => {
        const created_at = now().toISOString();
        store.idempotency.forget(oldestThatCounts());
        store.idempotency.put({ owner, idempotency_key: key, request_sha256, answer, created_at });
      }).finally(() => underWay.delete(slot));
      underWay.set(slot, acting);
      return { answer: await acting, is_replayed: false };
    },
  };
}

function differentRequest(key: string): ServiceError {
  const message =
    'This Idempotency-Key came with another request in the last 24 hours. Send the same body, or choose a new key.';
  return new ServiceError(42207, { message, field: 'Idempotency-Key', idempotency_key: key });
}

/** The order of an object's keys says nothing. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
