// Queries on webhook_deliveries and webhook_attempts.
import { z } from 'zod';
import { webhookBodySchema, webhookDeliverySchema } from '../../contracts/webhook.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection, Statement } from './open-database.ts';

/** The body of a delivery but for the address of the result. */
const webhookFactsSchema = webhookBodySchema.omit({ result_url: true });
export type WebhookFacts = z.infer<typeof webhookFactsSchema>;

const deliveryRowSchema = z.object({
  delivery_id: z.string(),
  owner: z.string(),
  task_id: webhookDeliverySchema.shape.task_id,
  event: webhookDeliverySchema.shape.event,
  redelivery_of: z.string().nullable(),
  url: z.string(),
  receiver: z.string(),
  /** Sealed, as in the task. */
  secret: z.string().nullable(),
  facts: jsonColumn(webhookFactsSchema),
  status: webhookDeliverySchema.shape.status,
  n_attempts: z.int(),
  created_at: z.string(),
  next_attempt_at: z.string().nullable(),
});
export type DeliveryRow = z.infer<typeof deliveryRowSchema>;
export type NewDelivery = Omit<DeliveryRow, 'status' | 'n_attempts' | 'next_attempt_at'>;

const attemptRowSchema = z.object({
  timestamp: z.string(),
  http_status: z.int().nullable(),
  error: z.string().nullable(),
  duration_ms: z.number(),
});
export type AttemptRow = z.infer<typeof attemptRowSchema>;

export interface DeliveryFilter {
  owner: string;
  status?: DeliveryRow['status'] | undefined;
  task_id?: string | undefined;
}

export interface WebhookDeliveryStore {
  /** Due at once. Of an event that has its delivery already there is no second one: false. */
  insert(delivery: NewDelivery): boolean;
  find(delivery_id: string): DeliveryRow | null;
  /** The one that has been due longest, of no busy receiver and no busy task. */
  due(now: string, busy: { receivers: readonly string[]; task_ids: readonly string[] }): DeliveryRow | null;
  /** When the next pending one is due; null when none is pending. */
  nextDueAt(now: string): string | null;
  /** What is due later than `horizon` becomes due now. */
  bringForward(horizon: string, now: string): void;
  /** The attempt and what comes of it, in one transaction of the caller. */
  addAttempt(delivery_id: string, attempt: AttemptRow): void;
  finish(delivery_id: string, status: 'delivered' | 'failed'): void;
  tryAgain(delivery_id: string, next_attempt_at: string): void;
  /** Newest first. */
  list(filter: DeliveryFilter, limit: number, offset: number): DeliveryRow[];
  count(filter: DeliveryFilter): number;
  /** Oldest first. */
  attempts(delivery_id: string): AttemptRow[];
  /** Forgets what ended and was made before `before`. */
  prune(before: string): void;
}

const nextDueSchema = z.object({ next: z.string().nullable() });

const COLUMNS =
  'delivery_id, owner, task_id, event, redelivery_of, url, receiver, secret, facts, status, n_attempts, created_at, next_attempt_at';

const CONDITIONS: Readonly<Record<keyof DeliveryFilter, string>> = {
  owner: 'owner = :owner',
  status: 'status = :status',
  task_id: 'task_id = :task_id',
};

export function createWebhookDeliveryStore(connection: Connection): WebhookDeliveryStore {
  const insert = connection.prepare(
    `INSERT INTO webhook_deliveries (delivery_id, owner, task_id, event, redelivery_of, url, receiver, secret, facts,
                                     created_at, next_attempt_at)
     VALUES (:delivery_id, :owner, :task_id, :event, :redelivery_of, :url, :receiver, :secret, :facts,
             :created_at, :created_at)
     ON CONFLICT (task_id, event) WHERE redelivery_of IS NULL DO NOTHING`,
  );
  const find = connection.prepare(`SELECT ${COLUMNS} FROM webhook_deliveries WHERE delivery_id = ?`);
  // From one receiver to the next by the index: of one that is down, thousands may be due.
  const due = connection.prepare(
    `WITH RECURSIVE receivers (receiver) AS (
       SELECT min(receiver) FROM webhook_deliveries WHERE status = 'pending'
       UNION ALL
       SELECT (SELECT min(next.receiver) FROM webhook_deliveries AS next
                WHERE next.status = 'pending' AND next.receiver > receivers.receiver)
         FROM receivers WHERE receiver IS NOT NULL)
     SELECT ${COLUMNS} FROM webhook_deliveries
      WHERE created_order IN (
        SELECT (SELECT created_order FROM webhook_deliveries AS first
                 WHERE first.status = 'pending' AND first.receiver = receivers.receiver AND first.next_attempt_at <= :now
                   AND first.task_id NOT IN (SELECT value FROM json_each(:task_ids))
                 ORDER BY first.next_attempt_at, first.created_order LIMIT 1)
          FROM receivers
         WHERE receiver IS NOT NULL AND receiver NOT IN (SELECT value FROM json_each(:receivers)))
      ORDER BY next_attempt_at, created_order LIMIT 1`,
  );
  const nextDueAt = connection.prepare(
    `SELECT min(next_attempt_at) AS next FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at > :now`,
  );
  const bringForward = connection.prepare(
    `UPDATE webhook_deliveries SET next_attempt_at = :now WHERE status = 'pending' AND next_attempt_at > :horizon`,
  );
  const addAttempt = connection.prepare(
    `INSERT INTO webhook_attempts (delivery_id, attempt, timestamp, http_status, error, duration_ms)
     SELECT delivery_id, n_attempts + 1, :timestamp, :http_status, :error, :duration_ms
       FROM webhook_deliveries WHERE delivery_id = :delivery_id`,
  );
  const countAttempt = connection.prepare(
    'UPDATE webhook_deliveries SET n_attempts = n_attempts + 1 WHERE delivery_id = ?',
  );
  const finish = connection.prepare(
    'UPDATE webhook_deliveries SET status = :status, next_attempt_at = NULL WHERE delivery_id = :delivery_id',
  );
  const tryAgain = connection.prepare(
    'UPDATE webhook_deliveries SET next_attempt_at = :next_attempt_at WHERE delivery_id = :delivery_id',
  );
  const attempts = connection.prepare(
    `SELECT timestamp, http_status, error, duration_ms FROM webhook_attempts WHERE delivery_id = ? ORDER BY attempt`,
  );
  const prune = connection.prepare(`DELETE FROM webhook_deliveries WHERE status <> 'pending' AND created_at < ?`);
  const filtered = new Map<string, { list: Statement; count: Statement }>();
  const statementsFor = (filter: DeliveryFilter) => {
    const where = conditionsOf(filter);
    const known = filtered.get(where) ?? {
      list: connection.prepare(
        `SELECT ${COLUMNS} FROM webhook_deliveries WHERE ${where} ORDER BY created_order DESC LIMIT :limit OFFSET :offset`,
      ),
      count: connection.prepare(`SELECT count(*) AS total FROM webhook_deliveries WHERE ${where}`),
    };
    filtered.set(where, known);
    return known;
  };

  const rowOrNull = (value: unknown): DeliveryRow | null => deliveryRowSchema.nullable().parse(value ?? null);
  return {
    insert: (delivery) => insert.run({ ...delivery, facts: JSON.stringify(delivery.facts) }).changes === 1,
    find: (delivery_id) => rowOrNull(find.get(delivery_id)),
    due: (now, { receivers, task_ids }) =>
      rowOrNull(due.get({ now, receivers: JSON.stringify(receivers), task_ids: JSON.stringify(task_ids) })),
    nextDueAt: (now) => nextDueSchema.parse(nextDueAt.get({ now })).next,
    bringForward: (horizon, now) => {
      bringForward.run({ horizon, now });
    },
    addAttempt: (delivery_id, attempt) => {
      addAttempt.run({ delivery_id, ...attempt });
      countAttempt.run(delivery_id);
    },
    finish: (delivery_id, status) => {
      finish.run({ delivery_id, status });
    },
    tryAgain: (delivery_id, next_attempt_at) => {
      tryAgain.run({ delivery_id, next_attempt_at });
    },
    list: (filter, limit, offset) =>
      z.array(deliveryRowSchema).parse(statementsFor(filter).list.all({ ...filter, limit, offset })),
    count: (filter) => z.object({ total: z.int() }).parse(statementsFor(filter).count.get({ ...filter })).total,
    attempts: (delivery_id) => z.array(attemptRowSchema).parse(attempts.all(delivery_id)),
    prune: (before) => {
      prune.run(before);
    },
  };
}

/** The texts come from the table above and never from a request. */
function conditionsOf(filter: DeliveryFilter): string {
  const given = new Map(Object.entries(filter));
  return Object.entries(CONDITIONS)
    .filter(([name]) => given.get(name) !== undefined)
    .map(([, condition]) => condition)
    .join(' AND ');
}
