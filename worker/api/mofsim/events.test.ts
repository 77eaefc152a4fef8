// Streams of the whole service: of all tasks, of the service's log, and of one task's log, read as a client reads them.
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { serviceEventSchema, taskEventSchema } from '../../../contracts/event.ts';
import type { ServiceEvent } from '../../../contracts/event.ts';
import { logLineSchema } from '../../../contracts/log.ts';
import { TestClient } from '../../service/testing/test-service.ts';
import { readStream } from '../../service/testing/read-stream.ts';
import type { Received } from '../../service/testing/read-stream.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { running, client } = await serviceOfFile();

const read = (
  path: string,
  isLast: (received: Received) => boolean,
  headers: Record<string, string> = {},
  onOpen: () => unknown = () => undefined,
): Promise<Received[]> => readStream(client, path, { isLast, headers, onOpen });

const serviceEventOf = ({ data }: Received): ServiceEvent => serviceEventSchema.parse(data);

function isStatusOf(task_id: string, status: string): (received: Received) => boolean {
  return (received) => {
    const event = serviceEventOf(received);
    return event.type === 'task' && event.task_id === task_id && event.status === status;
  };
}

describe('all tasks', () => {
  test('a_task_is_followed_from_its_submission_to_its_end_with_growing_numbers', async () => {
    let task_id = '';
    const submit = async () => (task_id = await client.submit());
    const isEnd = (received: Received) => isStatusOf(task_id, 'COMPLETED')(received);
    const received = await read('/events', isEnd, {}, () => void submit());
    const statuses = received.map(serviceEventOf).flatMap((event) => (event.type === 'task' ? [event.status] : []));
    expect([...new Set(statuses)]).toEqual(['QUEUED', 'ASSIGNED', 'RUNNING', 'COMPLETED']);
    const numbers = received.map(({ id }) => Number(id));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test('a_client_that_was_away_gets_exactly_what_it_missed', async () => {
    const first = await client.submit();
    let second = '';
    const before = await read(
      '/events',
      (received) => isStatusOf(second, 'COMPLETED')(received),
      {},
      () => {
        void client.submit().then((id) => (second = id));
      },
    );
    await client.waitFor(first, 'COMPLETED');
    const middle = before[Math.floor(before.length / 2)];
    const isEnd = isStatusOf(second, 'COMPLETED');
    const again = await read('/events', isEnd, { 'last-event-id': middle?.id ?? '' });
    expect(again).toEqual(before.slice(before.indexOf(middle!) + 1));
  });

  test.each(['1', '1700000000000000', '9007199254740000'])(
    'a_number_that_is_not_known_any_more_(%s)_is_answered_by_a_reset',
    async (id) => {
      const [first] = await read('/events', () => true, { 'last-event-id': id });
      expect(first).toMatchObject({ event: 'reset', data: { type: 'reset' } });
      expect(Number(first?.id)).toBeGreaterThan(1_700_000_000_000_000);
    },
  );

  test('pauses_of_the_queue_and_deleted_tasks_are_told', async () => {
    const task_id = await client.submit();
    await client.waitFor(task_id, 'COMPLETED');
    const act = async () => {
      await client.post('/system/queue/pause', {});
      await client.post('/system/queue/resume', {});
      await client.call(`/tasks/${task_id}`, { method: 'DELETE' });
    };
    const received = await read(
      '/events',
      ({ event }) => event === 'task_deleted',
      {},
      () => void act(),
    );
    const told = received.map(serviceEventOf).filter(({ type }) => type === 'queue' || type === 'task_deleted');
    expect(told).toEqual([
      { type: 'queue', is_paused: true },
      { type: 'queue', is_paused: false },
      { type: 'task_deleted', task_id },
    ]);
  });

  test('a_head_request_is_answered_at_once', async () => {
    for (const path of ['/events', '/system/logs/stream']) {
      expect((await client.fetch(path, { method: 'HEAD' })).headers.get('content-type')).toContain('text/event-stream');
    }
  });
});

test('a_thousand_clients_are_told_all_of_it', async () => {
  const clients = Array.from({ length: 1000 }, () => openClient());
  const opened = await Promise.all(clients.map(({ opened }) => opened));
  const task_id = await client.submit();
  const isEnd = isStatusOf(task_id, 'COMPLETED');
  const told = await Promise.all(opened.map((follow) => follow(isEnd)));
  // Some were there already when something else happened.
  const ofTask = told.map((events) => events.filter(({ event }) => event === 'task'));
  const [first = []] = ofTask;
  expect(first.length).toBeGreaterThanOrEqual(4);
  for (const events of ofTask) expect(events).toEqual(first);
  // Whoever leaves is forgotten: the service answers as before.
  expect((await client.call('/health')).status).toBe(200);
});

interface Client {
  /** Settles when the stream is open, with what reads it up to an event. */
  opened: Promise<(isLast: (received: Received) => boolean) => Promise<Received[]>>;
}

/** Plain node:http, because a thousand of fetch's streams cost more than what they read. */
function openClient(): Client {
  const { url, apiKey } = client;
  const options = { agent: false, headers: { authorization: `Bearer ${apiKey}` } };
  return {
    opened: new Promise((resolve, reject) => {
      const request = get(`${url}/api/v1/events`, options, (response) => {
        resolve((isLast) => readUntil(response, isLast));
      });
      request.on('error', reject);
    }),
  };
}

function readUntil(response: IncomingMessage, isLast: (received: Received) => boolean): Promise<Received[]> {
  return new Promise((resolve, reject) => {
    const received: Received[] = [];
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        received.push({ id, event, data: JSON.parse(data) });
        if (!isLast(received.at(-1)!)) return;
        response.removeAllListeners('error').on('error', () => undefined);
        response.destroy();
        resolve(received);
      },
    });
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      parser.feed(text);
    });
    response.on('error', reject);
  });
}

describe('logs', () => {
  test('the_log_of_a_task_is_streamed_from_a_level_on_and_ends_with_its_state', async () => {
    const task_id = await client.submit();
    const received = await read(`/tasks/${task_id}/logs/stream?level=INFO`, () => false);
    const events = received.map(({ data }) => taskEventSchema.parse(data));
    expect(events.at(-1)).toMatchObject({ type: 'state', status: 'COMPLETED' });
    const logs = events.filter((event) => event.type === 'log');
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter(({ level }) => level === 'DEBUG')).toEqual([]);
    expect(events.filter(({ type }) => !['log', 'state'].includes(type))).toEqual([]);
  });

  test('the_log_of_the_service_begins_with_what_was_said_before', async () => {
    const [first] = await read('/system/logs/stream', () => true);
    expect(logLineSchema.parse(first?.data)).toMatchObject({ level: 'INFO' });
    expect(JSON.stringify(first?.data)).not.toContain(running.client.apiKey);
  });

  test('levels_and_scopes_are_checked', async () => {
    expect((await client.call('/system/logs/stream?level=LOUD')).error.code).toBe(40004);
    const made = await client.post('/keys', { name: 'reader', scope: 'read' });
    const { key } = Object(made.data) as { key: string };
    const reader = new TestClient(client.url, key);
    expect((await reader.call('/system/logs/stream')).error.code).toBe(40302);
    expect((await reader.fetch('/events', { method: 'HEAD' })).status).toBe(200);
  });
});
