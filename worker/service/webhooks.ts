// The parts of webhooks, joined: what the queue calls, what the API asks, what runs in between.
import type { TaskStatus } from '../../contracts/task-status.ts';
import { WEBHOOK_TIMEOUT_SECONDS } from '../../contracts/webhook.ts';
import type { Logger } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { APPLICATION_VERSION } from '../version.ts';
import { createAllowList } from '../webhooks/addresses.ts';
import { createWebhookDispatcher } from '../webhooks/dispatcher.ts';
import { findReceiver, systemLookup } from '../webhooks/receiver.ts';
import { recordWebhookEvent } from '../webhooks/record-event.ts';
import type { SecretBox } from '../webhooks/secret-box.ts';
import { createSender } from '../webhooks/send.ts';
import { createId } from './ids.ts';
import { createWebhookService } from './webhook-service.ts';
import type { WebhookService } from './webhook-service.ts';

export interface Webhooks {
  service: WebhookService;
  /** Inside the transaction of a move. */
  record: (task: TaskRow, previous: TaskStatus | null) => void;
  /** After its commit. */
  onMove: (task: TaskRow) => void;
  start(): void;
  stop(): Promise<void>;
}

export interface WebhooksParts {
  store: Store;
  secrets: Pick<SecretBox, 'open'>;
  allowedHosts: readonly string[];
  /** Of this service, once it listens. */
  baseUrl: () => string;
  logger: Logger;
  now: () => Date;
}

/** @throws Error naming an entry of `allowedHosts` that is not understood */
export function createWebhooks(parts: WebhooksParts): Webhooks {
  const { store, secrets, allowedHosts, baseUrl, logger, now } = parts;
  const ownPort = (): number => Number(new URL(baseUrl()).port);
  const rules = { allowList: createAllowList(allowedHosts), ownPort, lookup: systemLookup };
  const send = createSender(rules, WEBHOOK_TIMEOUT_SECONDS * 1000);
  const userAgent = `MOFSimBench/${APPLICATION_VERSION}`;
  const dispatcher = createWebhookDispatcher({ store, send, secrets, baseUrl, userAgent, logger, now });
  const createDeliveryId = (): string => createId('delivery');
  return {
    service: createWebhookService({
      store,
      findReceiver: (url) => findReceiver(url, rules),
      wake: dispatcher.wake,
      now,
    }),
    record: (task, previous) => {
      recordWebhookEvent({ deliveries: store.webhookDeliveries, createDeliveryId, now }, task, previous);
    },
    onMove: ({ webhook_url }) => {
      if (webhook_url !== null) dispatcher.wake();
    },
    start: () => {
      dispatcher.start();
    },
    stop: () => dispatcher.stop(),
  };
}
