// A stream from a ring against a client that does not read, and items that are not for everybody.
import { createServer, get } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import express from 'express';
import type { Response } from 'express';
import { createParser } from 'eventsource-parser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEventRing } from '../../service/event-ring.ts';
import type { EventRing } from '../../service/event-ring.ts';
import { encodeEvent } from '../event-stream.ts';
import { streamRing } from './stream-ring.ts';

interface Item {
  owner: string;
  text: string;
}

const MAX_KEPT = 300;
const PADDING = 'x'.repeat(64 * 1024);
/** One item may go beyond the 1 MiB that the stream allows. */
const MAX_BUFFERED_BYTES = 1.5 * 1024 * 1024;

let ring: EventRing<Item>;
let server: Server;
let port = 0;
let serverSide: Response;

beforeEach(async () => {
  ring = createEventRing<Item>(new Date(), MAX_KEPT);
  const app = express();
  app.get('/', (request, response) => {
    serverSide = response;
    streamRing(request, response, {
      ring,
      isForClient: ({ owner }) => owner === 'me',
      encode: ({ number, item }) => encodeEvent('item', item.text, number),
      first: () => ring.lastNumber(),
      onGap: (stream) => {
        stream.send('reset', null, ring.lastNumber());
        return ring.lastNumber();
      },
    });
  });
  server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  ({ port } = address);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function connect(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, agent: false }, resolve).on('error', reject);
  });
}

function readUntil(response: IncomingMessage, last: string): Promise<string[]> {
  return new Promise((resolve) => {
    const received: string[] = [];
    const parser = createParser({
      onEvent: ({ event = '', data }) => {
        const text = event === 'item' ? String(JSON.parse(data)).replace(PADDING, '') : event;
        received.push(text);
        if (text !== last) return;
        response.on('error', () => undefined).destroy();
        resolve(received);
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => {
      parser.feed(text);
    });
    response.resume();
  });
}

async function publish(count: number): Promise<number> {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    ring.append({ owner: 'me', text: `${i}${PADDING}` });
    largest = Math.max(largest, serverSide.writableLength);
    // Lets the socket take what it can.
    await new Promise(setImmediate);
  }
  return largest;
}

test('a_client_that_does_not_read_is_not_buffered_for_and_gets_everything_from_the_ring_later', async () => {
  const clientSide = await connect();
  clientSide.pause();
  expect(await publish(200)).toBeLessThan(MAX_BUFFERED_BYTES);
  expect(await readUntil(clientSide, '199')).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
});

test('a_client_that_slept_longer_than_the_ring_remembers_is_told_so_and_goes_on', async () => {
  const clientSide = await connect();
  clientSide.pause();
  await publish(1000);
  const reset = new Promise<void>((resolve) => {
    clientSide.on('data', (text: string) => {
      if (text.includes('event: reset')) resolve();
    });
  });
  const reading = readUntil(clientSide, 'last');
  await reset;
  ring.append({ owner: 'me', text: 'last' });
  const received = await reading;
  expect(received.filter((text) => text === 'reset')).toHaveLength(1);
  expect(received.indexOf('reset')).toBe(received.length - 2);
});

test('what_belongs_to_somebody_else_is_not_sent', async () => {
  const clientSide = await connect();
  const reading = readUntil(clientSide, 'end');
  for (const [owner, text] of [
    ['me', 'first'],
    ['you', 'secret'],
    ['me', 'end'],
  ] as const) {
    ring.append({ owner, text });
  }
  expect(await reading).toEqual(['first', 'end']);
});
