// Delivers what is due: a few at a time, few per receiver, one per task, so that a slow receiver holds up nobody else and a task
// is told about in order. What is due when lies in the database; a restart goes on where the last run ended.
import type { WebhookBody } from '../../contracts/webhook.ts';
import type { Logger } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { AttemptRow, DeliveryRow } from '../store/webhook-deliveries.ts';
import { SECRET_KEY_FILE } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import { LONGEST_GAP_MS, nextAttemptAt } from './schedule.ts';
import { signatureOf } from './send.ts';
import type { SendWebhook, WebhookMessage } from './send.ts';

const MAX_AT_ONCE = 16;
const MAX_PER_RECEIVER = 2;
/** The longest sleep: a clock that is set forward is noticed after it. */
const MAX_SLEEP_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;
/** Of the delivery log. */
const KEPT_MS = 30 * DAY_MS;

export interface WebhookDispatcher {
  start(): void;
  /** Something may be due. */
  wake: () => void;
  /** What is under way is given up without counting as an attempt. Settles when nothing is under way. */
  stop(): Promise<void>;
}

export interface WebhookDispatcherParts {
  store: Pick<Store, 'webhookDeliveries' | 'transaction'>;
  send: SendWebhook;
  secrets: Pick<SecretBox, 'open'>;
  /** Of this service, for `result_url`. */
  baseUrl: () => string;
  userAgent: string;
  logger: Logger;
  now: () => Date;
}

export function createWebhookDispatcher(parts: WebhookDispatcherParts): WebhookDispatcher {
  const { store, send, logger, now } = parts;
  const deliveries = store.webhookDeliveries;
  const underWay = new Map<string, { receiver: string; task_id: string; ended: Promise<void> }>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let pruning: NodeJS.Timeout | null = null;
  let isStarted = false;

  const claimDue = (at: Date): DeliveryRow | null => {
    const all = [...underWay.values()];
    if (all.length >= MAX_AT_ONCE) return null;
    const receivers = all.map(({ receiver }) => receiver);
    const busy = new Set(
      receivers.filter((one) => receivers.filter((other) => other === one).length >= MAX_PER_RECEIVER),
    );
    return deliveries.due(at.toISOString(), {
      receivers: [...busy],
      task_ids: all.map(({ task_id }) => task_id),
    });
  };

  const attempt = async (delivery: DeliveryRow): Promise<void> => {
    const startedAt = now();
    const started = performance.now();
    const message = messageOf(delivery, parts, startedAt);
    // Unsigned it would look like somebody else's.
    const { http_status, error } = message === null ? UNSIGNABLE : await send(message, stopping.signal);
    if (stopping.signal.aborted && error !== null) return;
    const duration_ms = performance.now() - started;
    keep(store, delivery, { timestamp: startedAt.toISOString(), http_status, error, duration_ms }, startedAt);
  };

  const begin = (delivery: DeliveryRow): void => {
    const { delivery_id, receiver, task_id } = delivery;
    const ended = attempt(delivery).then(
      () => {
        underWay.delete(delivery_id);
        wake();
      },
      (error: unknown) => {
        // Nothing could be written, so the delivery is still due: it goes on after a rest instead of in a circle.
        logger.error('A webhook delivery could not be recorded.', { delivery_id, error: String(error) });
        underWay.delete(delivery_id);
        sleep(MAX_SLEEP_MS);
      },
    );
    underWay.set(delivery_id, { receiver, task_id, ended });
  };

  const sleep = (ms: number): void => {
    if (timer !== null) clearTimeout(timer);
    timer = stopping.signal.aborted ? null : setTimeout(wake, ms).unref();
  };

  const dispatch = (): void => {
    const at = now();
    // A clock that was set back would leave deliveries waiting for a time that it has already shown once.
    deliveries.bringForward(new Date(at.getTime() + LONGEST_GAP_MS).toISOString(), at.toISOString());
    for (let delivery = claimDue(at); delivery !== null; delivery = claimDue(at)) begin(delivery);
    const next = deliveries.nextDueAt(at.toISOString());
    if (next !== null) sleep(Math.min(MAX_SLEEP_MS, Date.parse(next) - at.getTime()));
  };

  const prune = (): void => {
    deliveries.prune(new Date(now().getTime() - KEPT_MS).toISOString());
  };

  /** Called by timers and by whoever has just moved a task: neither can do anything about a disk that is full. */
  const guarded = (action: () => void): void => {
    if (!isStarted || stopping.signal.aborted) return;
    try {
      action();
    } catch (error) {
      logger.error('Webhook deliveries could not be read.', { error: String(error) });
      sleep(MAX_SLEEP_MS);
    }
  };

  const wake = (): void => {
    guarded(dispatch);
  };

  return {
    start: () => {
      isStarted = true;
      guarded(prune);
      pruning = setInterval(() => {
        guarded(prune);
      }, DAY_MS).unref();
      wake();
    },
    wake,
    stop: async () => {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      if (pruning !== null) clearInterval(pruning);
      await Promise.all([...underWay.values()].map(({ ended }) => ended));
    },
  };
}

/** The data folder lost its key, or came from another machine without it. */
const UNSIGNABLE = {
  http_status: null,
  error: `webhook_secret cannot be read: ${SECRET_KEY_FILE} in the data folder is not the file that it was sealed with`,
};

function keep(
  store: WebhookDispatcherParts['store'],
  { delivery_id, n_attempts }: DeliveryRow,
  made: AttemptRow,
  startedAt: Date,
): void {
  store.transaction(() => {
    store.webhookDeliveries.addAttempt(delivery_id, made);
    const next = nextAttemptAt(n_attempts + 1, startedAt);
    if (made.error === null) store.webhookDeliveries.finish(delivery_id, 'delivered');
    else if (next === null) store.webhookDeliveries.finish(delivery_id, 'failed');
    else store.webhookDeliveries.tryAgain(delivery_id, next.toISOString());
  });
}

/** null when it cannot be signed. */
function messageOf(
  { delivery_id, url, secret: sealed, facts }: DeliveryRow,
  { baseUrl, userAgent, secrets }: WebhookDispatcherParts,
  at: Date,
): WebhookMessage | null {
  const secret = sealed === null ? null : secrets.open(sealed);
  if (sealed !== null && secret === null) return null;
  const { event, task_id, status, timestamp, ...rest } = facts;
  const result_url = `${baseUrl()}/api/v1/tasks/${task_id}/result`;
  const document: WebhookBody = { event, task_id, status, timestamp, result_url, ...rest };
  const body = JSON.stringify(document);
  return {
    url,
    body,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'User-Agent': userAgent,
      'X-MOFSim-Event': event,
      'X-MOFSim-Timestamp': at.toISOString(),
      'X-MOFSim-Delivery': delivery_id,
      ...(secret === null ? {} : { 'X-MOFSim-Signature': signatureOf(body, secret) }),
    },
  };
}
