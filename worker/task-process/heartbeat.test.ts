import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from './heartbeat.ts';

let heartbeat: Heartbeat | null = null;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  heartbeat?.stop();
  vi.useRealTimers();
});

describe('Heartbeat', () => {
  it('beats_while_the_kernel_answers', async () => {
    const send = vi.fn(() => Promise.resolve());
    heartbeat = new Heartbeat({ listen: () => Promise.resolve(), send, intervalMs: 1000 });
    await vi.advanceTimersByTimeAsync(3500);
    expect(send).toHaveBeenCalledTimes(3);
  });

  it('stays_away_while_the_kernel_hangs_and_asks_it_once', async () => {
    const answer: PromiseWithResolvers<void> = Promise.withResolvers();
    const listen = vi.fn(() => answer.promise);
    const send = vi.fn(() => Promise.resolve());
    heartbeat = new Heartbeat({ listen, send, intervalMs: 1000 });
    await vi.advanceTimersByTimeAsync(10_500);
    expect(listen).toHaveBeenCalledTimes(1);
    expect(send).not.toHaveBeenCalled();
    answer.resolve();
    await vi.advanceTimersByTimeAsync(1000);
    expect(send).toHaveBeenCalledTimes(2);
  });
});
