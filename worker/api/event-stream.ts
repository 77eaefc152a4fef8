// Server-sent events on one response, without unbounded buffering: the writer says when the client is behind.
// Format: WHATWG HTML, section 9.2 "Server-sent events".
import type { Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** A client that has this much unread is behind. */
const MAX_UNREAD_BYTES = 1024 * 1024;

export interface EventStream {
  /** `id` null leaves the client's last event id as it is. */
  send(type: string, data: unknown, id: number | null): void;
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
  // The comment keeps proxies and the client's idle timer calm, and finds out about dead connections.
  const heartbeat = setInterval(() => {
    if (response.writableLength === 0) response.write(': heartbeat\n\n');
  }, HEARTBEAT_MS);
  response.once('close', () => {
    clearInterval(heartbeat);
  });

  return {
    send: (type, data, id) => {
      if (response.writableEnded || response.destroyed) return;
      const idLine = id === null ? '' : `id: ${id}\n`;
      response.write(`event: ${type}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
    },
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
