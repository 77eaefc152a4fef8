import { describe, expect, test } from 'vitest';
import type { TaskEvent } from '../../contracts/event.ts';
import { applyEvents, EMPTY_FEED, MAX_LOG_LINES } from './task-feed.ts';

const step = (n: number, energy_eV: number): TaskEvent => ({
  type: 'step',
  step: n,
  energy_eV,
  max_force_eV_A: 0.1,
  volume_A3: null,
  temperature_k: null,
});

const log = (message: string): TaskEvent => ({
  type: 'log',
  timestamp: '2026-01-01T00:00:00Z',
  level: 'INFO',
  message,
  context: {},
});

describe('task feed', () => {
  test('nothing_new_is_the_same_value', () => {
    expect(applyEvents(EMPTY_FEED, [])).toBe(EMPTY_FEED);
  });

  test('a_batch_is_applied_in_order', () => {
    const feed = applyEvents(EMPTY_FEED, [
      { type: 'state', status: 'RUNNING', progress: 0, error: null },
      step(0, 3),
      { type: 'progress', progress: 40 },
      step(1, 2),
      { type: 'frame', step: 1, cell: null, positions: [[0, 0, 0]] },
      { type: 'frame', step: 2, cell: null, positions: [[1, 0, 0]] },
    ]);
    expect(feed.status).toBe('RUNNING');
    expect(feed.progress).toBe(40);
    expect(feed.steps.map(({ energy_eV }) => energy_eV)).toEqual([3, 2]);
    expect(feed.frame?.step).toBe(2);
  });

  test('a_retried_task_writes_over_its_first_attempt', () => {
    const first = applyEvents(EMPTY_FEED, [step(0, 9), step(1, 8), step(2, 7)]);
    const second = applyEvents(first, [step(0, 9), step(1, 6)]);
    expect(second.steps.map(({ step: n, energy_eV }) => [n, energy_eV])).toEqual([[0, 9], [1, 6]]); // prettier-ignore
    expect(first.steps).toHaveLength(3);
  });

  test('logs_keep_their_end_and_count_what_is_gone', () => {
    const lines = Array.from({ length: MAX_LOG_LINES + 5 }, (_, i) => log(String(i)));
    const feed = applyEvents(EMPTY_FEED, lines);
    expect(feed.logs).toHaveLength(MAX_LOG_LINES);
    expect(feed.logs[0]?.message).toBe('5');
    expect(applyEvents(feed, [log('one more')]).n_logs_dropped).toBe(6);
  });
});
