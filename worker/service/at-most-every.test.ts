import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atMostEvery } from './at-most-every.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the_first_call_of_a_swarm_comes_at_once_and_the_last_at_its_end', () => {
  const called = vi.fn();
  const thinned = atMostEvery(1000, called);
  for (let i = 0; i < 5; i++) thinned.call();
  expect(called).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(called).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5000);
  expect(called).toHaveBeenCalledTimes(2);
});

test('what_is_stopped_calls_no_more', () => {
  const called = vi.fn();
  const thinned = atMostEvery(1000, called);
  thinned.call();
  thinned.call();
  thinned.stop();
  vi.advanceTimersByTime(5000);
  expect(called).toHaveBeenCalledTimes(1);
});
