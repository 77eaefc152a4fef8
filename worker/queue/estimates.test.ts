import { describe, expect, test } from 'vitest';
import type { Workload } from '../store/tasks.ts';
import { estimateSeconds, estimateWaitSeconds } from './estimates.ts';

const NOW = new Date('2026-01-01T00:01:00.000Z');

function waiting(n_atoms: number, count = 1): Workload {
  return { task_type: 'optimization', model: 'uff4mof', n_atoms, count, started_at: null };
}

describe('estimates from measured tasks', () => {
  test('time_scales_with_the_number_of_atoms', () => {
    expect(estimateSeconds([{ n_atoms: 100, execution_time_seconds: 10 }], 150)).toBeCloseTo(15, 12);
  });

  test('the_median_ignores_an_outlier', () => {
    const measured = [1, 1.2, 500].map((execution_time_seconds) => ({ n_atoms: 100, execution_time_seconds }));
    expect(estimateSeconds(measured, 100)).toBeCloseTo(1.2, 12);
  });

  test('an_even_number_of_measurements_gives_the_mean_of_the_middle_two', () => {
    const measured = [1, 2, 4, 9].map((execution_time_seconds) => ({ n_atoms: 10, execution_time_seconds }));
    expect(estimateSeconds(measured, 10)).toBeCloseTo(3, 12);
  });

  test('nothing_comparable_means_no_estimate', () => {
    expect(estimateSeconds([], 100)).toBeNull();
    expect(estimateSeconds([{ n_atoms: 10, execution_time_seconds: 1 }], 100)).toBeNull();
    expect(estimateWaitSeconds([waiting(100)], () => [], 1, NOW)).toBeNull();
  });

  test('the_wait_is_the_work_ahead_over_the_slots', () => {
    const measured = [{ n_atoms: 100, execution_time_seconds: 30 }];
    const running = { ...waiting(100), started_at: '2026-01-01T00:00:40.000Z' };
    expect(estimateWaitSeconds([running, waiting(100, 2)], () => measured, 1, NOW)).toBeCloseTo(10 + 60, 9);
    expect(estimateWaitSeconds([running, waiting(100, 2)], () => measured, 2, NOW)).toBeCloseTo(35, 9);
  });

  test('an_empty_queue_means_no_wait_and_no_slot_means_no_promise', () => {
    expect(estimateWaitSeconds([], () => [], 1, NOW)).toBe(0);
    expect(estimateWaitSeconds([], () => [], 0, NOW)).toBeNull();
  });

  test('a_task_that_takes_longer_than_measured_does_not_shorten_the_wait', () => {
    const late = { ...waiting(100), started_at: '2026-01-01T00:00:00.000Z' };
    expect(estimateWaitSeconds([late], () => [{ n_atoms: 100, execution_time_seconds: 5 }], 1, NOW)).toBe(0);
  });
});
