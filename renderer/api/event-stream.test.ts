import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { followEvents, retryDelayMs } from './event-stream.ts';
import type { StreamPhase } from './event-stream.ts';
import type { ApiFailure } from './failure.ts';

const schema = z.object({ n: z.number() });

/** Answers the n-th request with the n-th of these. */
function answerWith(...answers: readonly (() => Response | Promise<Response>)[]): Headers[] {
  const asked: Headers[] = [];
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    const answer = answers[asked.length];
    asked.push(new Headers(init.headers));
    if (answer === undefined) throw new Error('one request too many');
    return answer();
  });
  return asked;
}

const stream = (text: string) => (): Response => new Response(text, { status: 200 });

const refused = (status: number, code: number) => (): Response =>
  Response.json({ success: false, error: { code, message: 'refused', details: {} } }, { status });

async function follow(isComplete: (numbers: readonly number[]) => boolean) {
  const numbers: number[] = [];
  const phases: StreamPhase[] = [];
  let failure: ApiFailure | null = null;
  await followEvents({
    path: '/tasks/task_1/events',
    schema,
    signal: new AbortController().signal,
    onEvent: ({ n }) => numbers.push(n),
    onPhase: (phase, cause) => {
      phases.push(phase);
      failure = cause;
    },
    isComplete: () => isComplete(numbers),
  });
  return { numbers, phases, failure: failure as ApiFailure | null };
}

describe('event stream', () => {
  beforeEach(() => {
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 1_000 });
    vi.stubGlobal('document', { documentElement: { lang: 'en' } });
    vi.stubGlobal('sessionStorage', { removeItem: () => undefined });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('a_complete_stream_ends', async () => {
    answerWith(stream('id: 1\ndata: {"n":1}\n\nid: 2\ndata: {"n":2}\n\n'));
    expect(await follow(() => true)).toEqual({
      numbers: [1, 2],
      phases: ['connecting', 'open', 'ended'],
      failure: null,
    });
  });

  test('a_broken_stream_is_taken_up_after_the_last_event', async () => {
    const asked = answerWith(
      stream('id: 7\ndata: {"n":1}\n\n'),
      () => Promise.reject(new TypeError('network down')),
      stream('id: 8\ndata: {"n":2}\n\n'),
    );
    const { numbers, phases } = await follow((seen) => seen.length === 2);
    expect(numbers).toEqual([1, 2]);
    expect(asked.map((headers) => headers.get('Last-Event-ID'))).toEqual([null, '7', '7']);
    expect(phases).toEqual([
      'connecting', 'open', 'waiting', 'connecting', 'waiting', 'connecting', 'open', 'ended',
    ]); // prettier-ignore
  });

  test('a_refusal_that_time_does_not_heal_stops', async () => {
    answerWith(refused(404, 40401));
    const { phases, failure } = await follow(() => false);
    expect(phases.at(-1)).toBe('failed');
    expect(failure?.code).toBe(40401);
  });

  test('an_event_against_the_contract_stops_and_says_so', async () => {
    answerWith(stream('data: {"n":"many"}\n\n'));
    const { failure } = await follow(() => false);
    expect(failure?.kind).toBe('unreadable');
  });

  test('waits_double_up_to_ten_seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(retryDelayMs)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });
});
