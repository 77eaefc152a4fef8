// A stream of what is kept in a ring: what the client has missed, then live. A number that is too old, or of another run, is
// answered as `onGap` says. A client that reads too slowly is not buffered for; it goes on from the ring.
import type { Request, Response } from 'express';
import type { EventRing, NumberedItem } from '../../service/event-ring.ts';
import { encodePosition, lastEventId, openEventStream } from '../event-stream.ts';
import type { EventStream } from '../event-stream.ts';

export interface RingStreamSource<Item> {
  ring: EventRing<Item>;
  isForClient: (item: Item) => boolean;
  /** Called once per item, however many clients there are. */
  encode: (entry: NumberedItem<Item>) => Uint8Array;
  /** For a client without `Last-Event-ID`: where it begins. */
  first: () => number;
  /** Tells the client that something is missing. Returns the number to go on from. */
  onGap: (stream: EventStream) => number;
}

export function streamRing<Item>(request: Request, response: Response, source: RingStreamSource<Item>): void {
  if (request.method === 'HEAD') {
    // Without a body there is nothing to wait for.
    response.type('text/event-stream').end();
    return;
  }
  const stream = openEventStream(response);
  const after = lastEventId(request) ?? source.first();
  stream.sendEncoded(encodePosition(after));
  follow(stream, source, after).catch(() => response.destroy());
}

async function follow<Item>(stream: EventStream, source: RingStreamSource<Item>, after: number): Promise<void> {
  let last = after;
  while (!stream.isClosed()) {
    const known = source.ring.since(last);
    if (known === null) last = source.onGap(stream);
    const missed = known ?? source.ring.since(last) ?? [];
    for (const entry of missed) {
      if (stream.isBehind()) break;
      send(stream, source, entry);
      last = entry.number;
    }
    // Nothing is awaited between `since` and the subscription, so nothing can fall between them.
    if (!stream.isBehind()) last = await passOn(stream, source, last);
    await stream.drained();
  }
}

/**
 * Live, until the client is gone or too far behind.
 * @returns the number of the last item that was looked at
 */
function passOn<Item>(stream: EventStream, source: RingStreamSource<Item>, last: number): Promise<number> {
  return new Promise((resolve) => {
    let seen = last;
    const stop = (): void => {
      unsubscribe();
      forgetClose();
      resolve(seen);
    };
    const unsubscribe = source.ring.subscribe((entry) => {
      if (stream.isBehind()) {
        stop();
        return;
      }
      send(stream, source, entry);
      seen = entry.number;
    });
    const forgetClose = stream.onClose(stop);
  });
}

function send<Item>(stream: EventStream, source: RingStreamSource<Item>, entry: NumberedItem<Item>): void {
  if (source.isForClient(entry.item)) stream.sendEncoded(source.encode(entry));
}
