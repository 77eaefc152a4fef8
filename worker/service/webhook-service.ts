// What can be asked about webhooks, for any dialect of the API: may this address be called, what was delivered, once more.
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type {
  WebhookDelivery,
  taskWebhooksSchema,
  webhookDeliveryListSchema,
  webhookDeliveryQuerySchema,
} from '../../contracts/webhook.ts';
import type { Store } from '../store/store.ts';
import type { DeliveryRow } from '../store/webhook-deliveries.ts';
import { ReceiverRefused } from '../webhooks/receiver.ts';
import { createId } from './ids.ts';

/** A name server that is slow must not hold up a submission; the address is checked again before every call. */
const MAX_CHECK_MS = 2_000;
const MAX_OF_TASK = 1000;

export interface WebhookService {
  /** A name that cannot be resolved now is accepted: it may be there when the task ends. @throws ServiceError 40004 */
  check: (url: string) => Promise<void>;
  list(owner: string, query: z.infer<typeof webhookDeliveryQuerySchema>): z.infer<typeof webhookDeliveryListSchema>;
  /** @throws ServiceError 40401 */
  ofTask(owner: string, task_id: string): z.infer<typeof taskWebhooksSchema>;
  /** A new delivery of the same body, due at once. @throws ServiceError 40405 */
  redeliver(owner: string, delivery_id: string): WebhookDelivery;
}

export interface WebhookServiceParts {
  store: Pick<Store, 'webhookDeliveries' | 'tasks'>;
  /** @throws ReceiverRefused */
  findReceiver: (url: string) => Promise<unknown>;
  /** Deliveries may be due. */
  wake: () => void;
  now: () => Date;
}

export function createWebhookService({ store, findReceiver, wake, now }: WebhookServiceParts): WebhookService {
  const checks = new Map<string, Promise<void>>();
  const deliveries = store.webhookDeliveries;

  const toDelivery = (row: DeliveryRow): WebhookDelivery => {
    const { delivery_id, task_id, event, redelivery_of, url, status, created_at, next_attempt_at } = row;
    const attempts = deliveries.attempts(delivery_id);
    return { delivery_id, task_id, event, redelivery_of, url, status, created_at, next_attempt_at, attempts };
  };

  return {
    check: (url) => {
      // A batch asks for the same address a thousand times.
      const running = checks.get(url) ?? checkWithin(findReceiver(url), MAX_CHECK_MS).finally(() => checks.delete(url));
      checks.set(url, running);
      return running;
    },

    list: (owner, { status, page, page_size }) => {
      const filter = { owner, ...(status === undefined ? {} : { status }) };
      const total = deliveries.count(filter);
      return {
        deliveries: deliveries.list(filter, page_size, (page - 1) * page_size).map(toDelivery),
        pagination: { total, page, page_size, total_pages: Math.ceil(total / page_size) },
      };
    },

    ofTask: (owner, task_id) => {
      const found = deliveries.list({ owner, task_id }, MAX_OF_TASK, 0);
      // What was told about a task can be asked for after it was deleted.
      if (found.length === 0 && store.tasks.find(task_id)?.owner !== owner) throw new ServiceError(40401, { task_id });
      return { deliveries: found.map(toDelivery) };
    },

    redeliver: (owner, delivery_id) => {
      const original = deliveries.find(delivery_id);
      if (original?.owner !== owner) {
        const message = `There is no delivery ${delivery_id}; GET /webhooks/deliveries lists them.`;
        throw new ServiceError(40405, { message, delivery_id });
      }
      const { task_id, event, url, receiver, secret, facts } = original;
      const repeated = { owner, task_id, event, url, receiver, secret, facts, redelivery_of: delivery_id };
      const made = createId('delivery');
      deliveries.insert({ ...repeated, delivery_id: made, created_at: now().toISOString() });
      wake();
      const row = deliveries.find(made);
      if (row === null) throw new Error(`The delivery ${made} is not there after it was written.`);
      return toDelivery(row);
    },
  };
}

async function checkWithin(found: Promise<unknown>, maxMs: number): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    resolve(undefined);
  }, maxMs);
  try {
    await Promise.race([found, tooLate]);
  } catch (error) {
    if (!(error instanceof ReceiverRefused)) throw error;
    if (error.reason === 'name_not_found') return;
    const fields = [{ field: 'webhook_url', reason: error.message }];
    throw new ServiceError(40004, { message: `webhook_url: ${error.message}`, reason: error.reason, fields });
  } finally {
    clearTimeout(timer);
  }
}
