// Server-sent events over fetch (EventSource cannot send the Authorization header), with reconnection where the stream broke.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { z } from 'zod';
import { fetchAnswered } from './client.ts';
import { ApiFailure } from './failure.ts';

export type StreamPhase = 'connecting' | 'open' | 'waiting' | 'ended' | 'failed';

export interface EventStreamOptions<T> {
  path: string;
  schema: z.ZodType<T>;
  onEvent: (event: T) => void;
  onPhase: (phase: StreamPhase, failure: ApiFailure | null) => void;
  /** Is nothing more to come? Asked when the service closes the stream. */
  isComplete: () => boolean;
  signal: AbortSignal;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** Wait before the n-th attempt in a row, n from 1: doubling, at most 10 s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
}

/** Reads until the stream is complete or the signal aborts. Never rejects: failures go to onPhase. */
export async function followEvents<T>(options: EventStreamOptions<T>): Promise<void> {
  let lastEventId: string | null = null;
  let attempt = 0;
  const isAborted = (): boolean => options.signal.aborted;
  while (!isAborted()) {
    options.onPhase('connecting', null);
    let failure: ApiFailure | null = null;
    try {
      for await (const message of readOnce(options, lastEventId)) {
        attempt = 0;
        if (message.id !== undefined) lastEventId = message.id;
        options.onEvent(parseEvent(options.schema, message.data));
      }
    } catch (cause) {
      if (isAborted()) return;
      failure = cause instanceof ApiFailure ? cause : new ApiFailure('unreachable', 'the stream broke', { cause });
      if (!failure.isTransient) {
        options.onPhase('failed', failure);
        return;
      }
    }
    if (failure === null && options.isComplete()) {
      options.onPhase('ended', null);
      return;
    }
    attempt += 1;
    options.onPhase('waiting', failure);
    await pause(retryDelayMs(attempt), options.signal);
  }
}

async function* readOnce<T>(options: EventStreamOptions<T>, lastEventId: string | null) {
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (lastEventId !== null) headers['Last-Event-ID'] = lastEventId;
  const response = await fetchAnswered(options.path, { headers, signal: options.signal });
  if (response.body === null) throw new ApiFailure('unreachable', 'the stream has no body');
  options.onPhase('open', null);
  const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = messages.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseEvent<T>(schema: z.ZodType<T>, data: string): T {
  try {
    return schema.parse(JSON.parse(data));
  } catch (cause) {
    throw new ApiFailure('unreadable', 'an event does not match the contract', { cause });
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    }
  });
}
