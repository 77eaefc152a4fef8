// An event stream as a client reads it.
import { createParser } from 'eventsource-parser';
import type { TestClient } from './test-service.ts';

export interface Received {
  id: string | undefined;
  event: string | undefined;
  data: unknown;
}

interface Reading {
  /** false for all: until the service ends the stream. */
  isLast?: (received: Received) => boolean;
  headers?: Record<string, string>;
  /** The service has answered. */
  onOpen?: () => unknown;
}

/** What comes until `isLast`, or until the stream ends. */
export async function readStream(
  client: TestClient,
  path: string,
  { isLast = () => false, headers = {}, onOpen = () => undefined }: Reading = {},
): Promise<Received[]> {
  const abort = new AbortController();
  const response = await client.fetch(path, { headers, signal: abort.signal });
  if (response.body === null || !response.ok) throw new Error(`${path} answers ${response.status}.`);
  onOpen();
  const received: Received[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => received.push({ id, event, data: JSON.parse(data) }),
  });
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    parser.feed(text);
    const last = received.findIndex(isLast);
    if (last === -1) continue;
    abort.abort();
    return received.slice(0, last + 1);
  }
  return received;
}
