import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskEvent } from '../../contracts/event.ts';
import { EventBatcher } from './event-batcher.ts';

const step = (n: number): TaskEvent => ({
  type: 'step',
  step: n,
  energy_eV: 0,
  max_force_eV_A: 0,
  volume_A3: null,
  temperature_k: null,
});
const frame = (n: number): TaskEvent => ({ type: 'frame', step: n, cell: null, positions: [] });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('EventBatcher', () => {
  it('events_of_50_ms_travel_together_and_in_order', async () => {
    const batches: TaskEvent[][] = [];
    const batcher = new EventBatcher(async (events) => {
      batches.push(events);
    });
    for (let n = 0; n < 80; n++) {
      batcher.add(step(n));
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(batches).toHaveLength(1);
    await batcher.flush();
    expect(batches).toHaveLength(2);
    expect(batches.flat()).toEqual(Array.from({ length: 80 }, (_, n) => step(n)));
  });

  it('a_long_history_goes_in_pieces_so_that_the_receiver_can_breathe', async () => {
    const batches: TaskEvent[][] = [];
    const batcher = new EventBatcher((events) => Promise.resolve(void batches.push(events)));
    for (let n = 0; n < 1200; n++) batcher.add(step(n));
    await batcher.flush();
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 200]);
    expect(batches.flat()).toEqual(Array.from({ length: 1200 }, (_, n) => step(n)));
  });

  it('a_slow_receiver_gets_fewer_batches_and_only_the_newest_frame', async () => {
    const batches: TaskEvent[][] = [];
    const receiver = Promise.withResolvers<undefined>();
    const batcher = new EventBatcher(async (events) => {
      batches.push(events);
      await receiver.promise;
    });
    for (let n = 0; n < 10; n++) {
      batcher.add(step(n));
      batcher.add(frame(n));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(batches).toHaveLength(1);
    receiver.resolve(undefined);
    await batcher.flush();
    expect(batches).toHaveLength(2);
    expect(batches[1]).toEqual([...Array.from({ length: 9 }, (_, n) => step(n + 1)), frame(9)]);
  });
});
