// A lab script that listens for webhooks: a real HTTP server on loopback that keeps what it was sent.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface TestReceiver {
  port: number;
  url: string;
  received: Received[];
  /** Settles when `n` calls have come in all. */
  waitFor(n: number): Promise<void>;
  close(): Promise<void>;
}

export type AnswerCall = (response: ServerResponse, call: Received) => void;

const receivedOk: AnswerCall = (response) => {
  response.writeHead(204).end();
};

export async function startReceiver(answer: AnswerCall = receivedOk): Promise<TestReceiver> {
  const received: Received[] = [];
  const waiting: { n: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const call = { path: request.url ?? '', headers: request.headers, body };
      received.push(call);
      for (const { n, resolve } of waiting) if (received.length >= n) resolve();
      answer(response, call);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}/hook`,
    received,
    waitFor: (n) =>
      new Promise((resolve) => {
        if (received.length >= n) resolve();
        else waiting.push({ n, resolve });
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
