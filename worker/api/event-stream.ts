// Server-sent events on one response, without unbounded buffering: the writer says when the client is behind.
// Format: WHATWG HTML, section 9.2 "Server-sent events".
import type { Request, Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** A client that has this much unread is behind. */
const MAX_UNREAD_BYTES = 1024 * 1024;

export interface EventStream {
  /** `id` null leaves the client's last event id as it is. */
  send(type: string, data: unknown, id: number | null): void;
  /** What `encodeEvent` made: encoded once for all clients. */
  sendEncoded(bytes: Uint8Array): void;
  isBehind(): boolean;
  /** Settles when the client has read everything, or is gone. */
  drained(): Promise<void>;
  isClosed(): boolean;
  /** Returns the function that takes the listener back. */
  onClose(listener: () => void): () => void;
  end(): void;
}

export function openEventStream(response: Response): EventStream {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  // Small messages must not wait for each other.
  response.socket?.setNoDelay(true);
  keepAlive(response);

  const sendEncoded = (bytes: Uint8Array): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(bytes);
  };
  return {
    send: (type, data, id) => {
      sendEncoded(encodeEvent(type, data, id));
    },
    sendEncoded,
    isBehind: () => {
      return response.writableLength > MAX_UNREAD_BYTES;
    },
    drained: () => {
      if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        const settle = () => {
          response.off('drain', settle);
          response.off('close', settle);
          resolve();
        };
        response.once('drain', settle);
        response.once('close', settle);
      });
    },
    isClosed: () => {
      return response.destroyed || response.writableEnded;
    },
    onClose: (listener) => {
      response.once('close', listener);
      return () => response.off('close', listener);
    },
    end: () => {
      response.end();
    },
  };
}

export function encodeEvent(type: string, data: unknown, id: number | null): Uint8Array {
  const idLine = id === null ? '' : `id: ${id}\n`;
  return Buffer.from(`event: ${type}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}

/** Remembers what it has encoded for as long as the entry lives: many clients get the same one. */
export function encodeOnce<Entry extends object>(encode: (entry: Entry) => Uint8Array): (entry: Entry) => Uint8Array {
  const known = new WeakMap<Entry, Uint8Array>();
  return (entry) => {
    const bytes = known.get(entry) ?? encode(entry);
    known.set(entry, bytes);
    return bytes;
  };
}

/** A number without an event: where a client that reconnects goes on. */
export function encodePosition(id: number): Uint8Array {
  return Buffer.from(`id: ${id}\n\n`);
}

/** null without the header, and when it is not a number of ours. */
export function lastEventId(request: Request): number | null {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : null;
}

const HEARTBEAT = Buffer.from(': heartbeat\n\n');
const open = new Set<Response>();
let heartbeat: NodeJS.Timeout | null = null;

/** The comment keeps proxies and the client's idle timer calm, and finds out about dead connections. One timer for all. */
function keepAlive(response: Response): void {
  open.add(response);
  heartbeat ??= setInterval(() => {
    for (const each of open) if (each.writableLength === 0) each.write(HEARTBEAT);
  }, HEARTBEAT_MS).unref();
  response.once('close', () => {
    open.delete(response);
    if (open.size > 0 || heartbeat === null) return;
    clearInterval(heartbeat);
    heartbeat = null;
  });
}
