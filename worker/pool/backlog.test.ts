import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Backlog } from './backlog.ts';

class FullDisk extends Error {
  readonly code = 'SQLITE_FULL';
}

let disk: { isFull: boolean };
let done: number[];
let backlog: Backlog;
const onEmptied = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onEmptied.mockReset();
  disk = { isFull: false };
  done = [];
  const quiet = () => undefined;
  backlog = new Backlog({ logger: { info: quiet, warn: quiet, error: quiet }, onEmptied, retryMs: 100 });
});
afterEach(() => {
  backlog.close();
  vi.useRealTimers();
});

function write(n: number): () => void {
  return () => {
    if (disk.isFull) throw new FullDisk();
    done.push(n);
  };
}

describe('a backlog', () => {
  test('what_the_store_takes_is_done_at_once', () => {
    backlog.do(write(1));
    expect(done).toEqual([1]);
    expect(backlog.isEmpty).toBe(true);
  });

  test('what_a_full_disk_refused_is_done_in_order_when_there_is_space', () => {
    disk.isFull = true;
    for (const n of [1, 2, 3]) backlog.do(write(n));
    vi.advanceTimersByTime(1000);
    expect(done).toEqual([]);
    disk.isFull = false;
    // Not before those that came first.
    backlog.do(write(4));
    expect(done).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(done).toEqual([1, 2, 3, 4]);
    expect(onEmptied).toHaveBeenCalledTimes(1);
  });

  test('a_mistake_of_ours_is_not_repeated_and_stops_nobody', () => {
    backlog.do(() => {
      throw new TypeError('a mistake');
    });
    backlog.do(write(1));
    expect(done).toEqual([1]);
  });

  test('only_what_may_be_missing_is_dropped_when_too_much_waits', () => {
    disk.isFull = true;
    for (let n = 0; n < 2000; n++) backlog.do(write(n), { isDroppable: true });
    backlog.do(write(-1));
    disk.isFull = false;
    vi.advanceTimersByTime(100);
    expect(done).toHaveLength(1001);
    expect(done.at(-1)).toBe(-1);
  });
});
