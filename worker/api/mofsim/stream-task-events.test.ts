// A client that does not read must cost no memory, and must miss nothing that is stored once it reads again.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { createParser } from 'eventsource-parser';
import express from 'express';
import type { Response } from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { taskEventSchema } from '../../../contracts/event.ts';
import type { TaskEvent } from '../../../contracts/event.ts';
import { createQueue } from '../../queue/queue.ts';
import type { Queue } from '../../queue/queue.ts';
import { createTaskEvents } from '../../queue/task-events.ts';
import type { TaskEvents } from '../../queue/task-events.ts';
import { openStore } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { exampleTask } from '../../store/testing/example-task.ts';
import { streamTaskEvents } from './stream-task-events.ts';

const N_BATCHES = 100;
const STEPS_PER_BATCH = 400;
/** One batch may go beyond the 1 MiB that the stream allows, and the socket holds some of its own. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;

let home = '';
let store: Store;
let events: TaskEvents;
let queue: Queue;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-stream-'));
  store = openStore(home);
  events = createTaskEvents();
  queue = createQueue({ store, events, now: () => new Date() });
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function submitOne(): string {
  const [task] = queue.submit([exampleTask()]);
  if (task === undefined) throw new Error('The queue took no task.');
  return task.task_id;
}

test('a_client_that_does_not_read_is_not_buffered_for_and_loses_no_step', async () => {
  const task_id = submitOne();
  queue.claim({ slot_id: 'cpu', device: 'cpu', gpu_id: null });
  queue.start(task_id);
  const { serverSide, clientSide, close } = await connect(task_id);
  clientSide.pause();

  let largest = 0;
  for (let batch = 0; batch < N_BATCHES; batch++) {
    queue.record(task_id, [...stepsOf(batch), frame(batch)]);
    largest = Math.max(largest, serverSide.writableLength);
    // Lets the socket take what it can.
    await new Promise(setImmediate);
  }
  queue.complete(task_id, 1);
  expect(largest).toBeLessThan(MAX_BUFFERED_BYTES);

  const received = await readToEnd(clientSide);
  const steps = received.flatMap((event) => (event.type === 'step' ? [event.step] : []));
  expect(steps).toEqual(Array.from({ length: N_BATCHES * STEPS_PER_BATCH }, (_, i) => i));
  expect(received.filter(({ type }) => type === 'frame').length).toBeLessThan(N_BATCHES);
  expect(received.at(-1)).toMatchObject({ type: 'state', status: 'COMPLETED' });
  await close();
});

test('a_client_that_leaves_is_forgotten', async () => {
  const task_id = submitOne();
  const { serverSide, clientSide, close } = await connect(task_id);
  const gone = new Promise((resolve) => serverSide.once('close', resolve));
  clientSide.destroy();
  await gone;
  // Publishing to a destroyed response would throw or warn; nobody is subscribed any more.
  queue.log(task_id, 'INFO', 'to nobody');
  expect(serverSide.listenerCount('close')).toBe(0);
  await close();
});

function stepsOf(batch: number): TaskEvent[] {
  return Array.from({ length: STEPS_PER_BATCH }, (_, i) => ({
    type: 'step',
    step: batch * STEPS_PER_BATCH + i,
    energy_eV: -1234.567,
    max_force_eV_A: 0.123,
    volume_A3: 4567.89,
    temperature_k: null,
  }));
}

function frame(step: number): TaskEvent {
  return { type: 'frame', step, cell: null, positions: Array.from({ length: 500 }, () => [1.25, 2.5, 3.75]) };
}

interface Connection {
  serverSide: Response;
  clientSide: IncomingMessage;
  close(): Promise<void>;
}

async function connect(task_id: string): Promise<Connection> {
  const accepted = Promise.withResolvers<Response>();
  const app = express();
  app.get('/', (received, response) => {
    accepted.resolve(response);
    const currentState = () => {
      const task = store.tasks.find(task_id)!;
      return { type: 'state' as const, status: task.status, progress: task.progress, error: task.error };
    };
    streamTaskEvents(received, response, { task_id, history: store.history, events, currentState });
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const clientSide = await new Promise<IncomingMessage>((resolve) => {
    request({ port, path: '/' }, resolve).end();
  });
  return {
    serverSide: await accepted.promise,
    clientSide,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function readToEnd(response: IncomingMessage): Promise<TaskEvent[]> {
  const received: TaskEvent[] = [];
  const parser = createParser({ onEvent: ({ data }) => received.push(taskEventSchema.parse(JSON.parse(data))) });
  response.setEncoding('utf8');
  for await (const text of response) parser.feed(String(text));
  return received;
}
