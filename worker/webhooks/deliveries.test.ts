// From a move in the queue to a call of the receiver: real database, real queue, real HTTP; only the clock is ours.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WEBHOOK_SCHEDULE_SECONDS, webhookBodySchema } from '../../contracts/webhook.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import { createId } from '../service/ids.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { DeliveryRow } from '../store/webhook-deliveries.ts';
import { createAllowList } from './addresses.ts';
import { createWebhookDispatcher } from './dispatcher.ts';
import type { WebhookDispatcher } from './dispatcher.ts';
import { systemLookup } from './receiver.ts';
import { recordWebhookEvent } from './record-event.ts';
import { createSecretBox } from './secret-box.ts';
import { createSender, signatureOf } from './send.ts';
import { startReceiver } from './testing/test-receiver.ts';
import type { AnswerCall, TestReceiver } from './testing/test-receiver.ts';

const SLOT = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const NO_METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };
const SECRETS = createSecretBox(Buffer.alloc(32, 7));
const START = Date.parse('2026-01-01T00:00:00.000Z');

let home = '';
let store: Store;
let queue: Queue;
let dispatcher: WebhookDispatcher;
let nowMs = START;
let n_recorded = 0;
let waiting: { n: number; resolve: () => void }[] = [];
const receivers: TestReceiver[] = [];

function open(): void {
  store = openStore(home);
  const now = () => new Date(nowMs);
  const createDeliveryId = () => createId('delivery');
  queue = createQueue({
    store,
    events: createTaskEvents(),
    now,
    uptime: () => nowMs - START,
    inTransaction: [
      (task, previous) => {
        recordWebhookEvent({ deliveries: store.webhookDeliveries, createDeliveryId, now }, task, previous);
      },
    ],
  });
  const rules = { allowList: createAllowList([]), ownPort: () => 1, lookup: systemLookup };
  dispatcher = createWebhookDispatcher({
    store: {
      webhookDeliveries: store.webhookDeliveries,
      transaction: (change) => {
        const result = store.transaction(change);
        n_recorded += 1;
        for (const { n, resolve } of waiting) if (n_recorded >= n) resolve();
        return result;
      },
    },
    send: createSender(rules, 20_000),
    secrets: SECRETS,
    baseUrl: () => 'http://127.0.0.1:8377',
    userAgent: 'MOFSimBench/test',
    logger: LOGGER,
    now,
  });
  queue.onMove(dispatcher.wake);
}

/** Settles when `n` attempts have been written down in all. */
const recorded = (n: number): Promise<void> =>
  new Promise((resolve) => {
    if (n_recorded >= n) resolve();
    else waiting.push({ n, resolve });
  });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-webhooks-'));
  nowMs = START;
  n_recorded = 0;
  waiting = [];
  open();
});
async function close(): Promise<void> {
  queue.drain();
  await dispatcher.stop();
  store.close();
}

afterEach(async () => {
  await close();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  rmSync(home, { recursive: true, force: true });
});

async function receiverThat(answer?: AnswerCall): Promise<TestReceiver> {
  const receiver = await startReceiver(answer);
  receivers.push(receiver);
  return receiver;
}

function submit(webhook_url: string, webhook_secret: string | null = null): string {
  const sealed = webhook_secret === null ? null : SECRETS.seal(webhook_secret);
  const task = exampleTask({ webhook_url, webhook_secret: sealed });
  queue.submit([task]);
  return task.task_id;
}

function claimAndStart(): string {
  const task = queue.claim(SLOT, () => 1);
  if (task === null) throw new Error('Nothing to claim.');
  queue.start(task.task_id, false);
  return task.task_id;
}

const deliveriesOf = (task_id: string): DeliveryRow[] =>
  store.webhookDeliveries.list({ owner: 'local', task_id }, 100, 0).reverse();

describe('deliveries', () => {
  test('start_and_end_of_a_task_are_told_once_each_in_order_with_the_documented_body', async () => {
    const receiver = await receiverThat();
    dispatcher.start();
    const task_id = submit(receiver.url, 'secret');
    claimAndStart();
    nowMs += 5_000;
    queue.complete(task_id, 4.5, NO_METRICS);
    await recorded(2);
    const bodies = receiver.received.map(({ body }) => webhookBodySchema.parse(JSON.parse(body.toString('utf8'))));
    expect(bodies).toMatchObject([
      { event: 'task.started', status: 'RUNNING', timestamp: '2026-01-01T00:00:00.000Z', execution_time_seconds: null },
      { event: 'task.completed', status: 'COMPLETED', timestamp: '2026-01-01T00:00:05.000Z', model: 'uff4mof' },
    ]);
    const result_url = `http://127.0.0.1:8377/api/v1/tasks/${task_id}/result`;
    expect(bodies[1]).toMatchObject({ task_id, result_url, task_type: 'optimization' });
    expect(bodies[1]?.execution_time_seconds).toBeGreaterThan(0);
    const [, last] = receiver.received;
    expect(last?.headers).toMatchObject({
      'x-mofsim-event': 'task.completed',
      'x-mofsim-signature': signatureOf(last?.body.toString('utf8') ?? '', 'secret'),
      'content-type': 'application/json',
    });
    expect(Date.parse(String(last?.headers['x-mofsim-timestamp']))).toBe(nowMs);
    const ids = receiver.received.map(({ headers }) => headers['x-mofsim-delivery']);
    expect(new Set(ids).size).toBe(2);
  });

  test('whose_secret_cannot_be_read_is_not_sent_unsigned', async () => {
    const receiver = await receiverThat();
    dispatcher.start();
    const foreign = createSecretBox(Buffer.alloc(32, 8)).seal('secret');
    queue.submit([exampleTask({ webhook_url: receiver.url, webhook_secret: foreign })]);
    const task_id = claimAndStart();
    await recorded(1);
    expect(receiver.received).toEqual([]);
    const [delivery] = deliveriesOf(task_id);
    const [attempt] = store.webhookDeliveries.attempts(delivery?.delivery_id ?? '');
    expect(attempt?.error).toContain('webhook-key');
  });

  test('without_a_secret_there_is_no_signature', async () => {
    const receiver = await receiverThat();
    dispatcher.start();
    submit(receiver.url);
    claimAndStart();
    await recorded(1);
    expect(receiver.received[0]?.headers['x-mofsim-signature']).toBeUndefined();
  });

  test.each([
    [
      'task.failed',
      (id: string) => {
        queue.fail(id, { type: 'ModelError', message: 'no', details: {} });
      },
    ],
    [
      'task.cancelled',
      (id: string) => {
        queue.cancel(id);
      },
    ],
    [
      'task.timeout',
      (id: string) => {
        queue.timeOut(id, NO_METRICS);
      },
    ],
  ] as const)('%s_is_told_with_what_belongs_to_it', (event, end) => {
    const task = exampleTask({ webhook_url: 'http://127.0.0.1:9/', timeout_seconds: 60 });
    queue.submit([task]);
    claimAndStart();
    end(task.task_id);
    const told = deliveriesOf(task.task_id);
    expect(told.map((delivery) => delivery.event)).toEqual(['task.started', event]);
    expect(told[1]?.facts.error?.type).toBe(event === 'task.failed' ? 'ModelError' : told[1]?.facts.error?.type);
    expect(told[1]?.facts.timeout_seconds).toBe(event === 'task.timeout' ? 60 : undefined);
  });

  test('a_task_that_is_tried_again_tells_its_start_once', () => {
    const task_id = submit('http://127.0.0.1:9/');
    for (let i = 0; i < 2; i += 1) {
      claimAndStart();
      queue.fail(task_id, { type: 'KernelCrashed', message: 'gone', details: {} });
      nowMs += 3_600_000;
    }
    claimAndStart();
    queue.complete(task_id, 1, NO_METRICS);
    expect(deliveriesOf(task_id).map(({ event }) => event)).toEqual(['task.started', 'task.completed']);
  });

  test('a_move_that_is_rolled_back_tells_nothing', () => {
    const task_id = submit('http://127.0.0.1:9/');
    expect(() =>
      store.transaction(() => {
        claimAndStart();
        throw new Error('power cut');
      }),
    ).toThrow('power cut');
    expect(deliveriesOf(task_id)).toEqual([]);
  });

  test('a_failing_receiver_is_tried_at_the_documented_times_and_then_given_up', async () => {
    const receiver = await receiverThat((response) => response.writeHead(500).end());
    dispatcher.start();
    const task_id = submit(receiver.url);
    claimAndStart();
    for (const [i, seconds] of WEBHOOK_SCHEDULE_SECONDS.entries()) {
      // One second early nothing is due.
      nowMs = START + (seconds - 1) * 1000;
      if (i > 0) dispatcher.wake();
      expect(receiver.received.length).toBeLessThanOrEqual(Math.max(1, i));
      nowMs = START + seconds * 1000;
      dispatcher.wake();
      await recorded(i + 1);
    }
    expect(receiver.received).toHaveLength(WEBHOOK_SCHEDULE_SECONDS.length);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-mofsim-delivery'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body.toString('utf8'))).size).toBe(1);
    const [delivery] = deliveriesOf(task_id);
    expect(delivery).toMatchObject({ status: 'failed', n_attempts: 5, next_attempt_at: null });
    const attempts = store.webhookDeliveries.attempts(delivery?.delivery_id ?? '');
    expect(attempts.map(({ http_status }) => http_status)).toEqual([500, 500, 500, 500, 500]);
    expect(attempts.map(({ timestamp }) => (Date.parse(timestamp) - START) / 1000)).toEqual([
      ...WEBHOOK_SCHEDULE_SECONDS,
    ]);
    nowMs += 24 * 3_600_000;
    dispatcher.wake();
    await dispatcher.stop();
    expect(receiver.received).toHaveLength(WEBHOOK_SCHEDULE_SECONDS.length);
  });

  test('what_was_due_is_sent_by_the_next_run_of_the_service', async () => {
    let status = 503;
    const receiver = await receiverThat((response) => response.writeHead(status).end());
    dispatcher.start();
    const task_id = submit(receiver.url);
    claimAndStart();
    await recorded(1);
    await close();
    status = 200;
    nowMs += 7_200_000;
    open();
    dispatcher.start();
    await recorded(2);
    expect(deliveriesOf(task_id)).toMatchObject([{ status: 'delivered', n_attempts: 2 }]);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-mofsim-delivery'])).size).toBe(1);
  });

  test('a_call_that_the_end_of_the_service_cut_off_does_not_count', async () => {
    let isSilent = true;
    const receiver = await receiverThat((response) => {
      if (!isSilent) response.writeHead(200).end();
    });
    dispatcher.start();
    const task_id = submit(receiver.url);
    claimAndStart();
    await receiver.waitFor(1);
    await dispatcher.stop();
    expect(deliveriesOf(task_id)).toMatchObject([{ status: 'pending', n_attempts: 0 }]);
    await close();
    isSilent = false;
    open();
    dispatcher.start();
    await recorded(1);
    expect(deliveriesOf(task_id)).toMatchObject([{ status: 'delivered', n_attempts: 1 }]);
  });

  test('a_clock_that_is_set_back_does_not_make_a_delivery_wait_for_a_day', async () => {
    const receiver = await receiverThat((response) => response.writeHead(500).end());
    dispatcher.start();
    submit(receiver.url);
    claimAndStart();
    await recorded(1);
    nowMs -= 24 * 3_600_000;
    dispatcher.wake();
    await recorded(2);
    expect(receiver.received).toHaveLength(2);
  });

  test('receivers_that_say_nothing_do_not_hold_up_another_one', async () => {
    const silent = await receiverThat(() => undefined);
    const healthy = await receiverThat();
    dispatcher.start();
    for (let i = 0; i < 20; i += 1) {
      submit(silent.url);
      claimAndStart();
    }
    await silent.waitFor(2);
    submit(healthy.url);
    claimAndStart();
    await healthy.waitFor(1);
    // Two calls at most wait for one receiver at a time.
    expect(silent.received).toHaveLength(2);
  });
});
