import { describe, expect, test } from 'vitest';
import type { Measurement, WaitingWork } from '../store/queued-work.ts';
import { estimateGroupSeconds, estimateSeconds, sumOrNull } from './estimates.ts';

function waiting(work: number, n = 1): WaitingWork {
  return { priority_rank: 1, model: 'uff4mof', task_type: 'optimization', with_d3: false, size_class: 6, work, n };
}

function measured(seconds: number, work = 100): Measurement {
  return { work, seconds };
}

describe('estimates from measured tasks', () => {
  test('time_scales_with_the_work', () => {
    expect(estimateSeconds([measured(10)], 150)).toBeCloseTo(15, 12);
  });

  test('the_median_ignores_an_outlier', () => {
    expect(
      estimateSeconds(
        [1, 1.2, 500].map((seconds) => measured(seconds)),
        100,
      ),
    ).toBeCloseTo(1.2, 12);
  });

  test('an_even_number_of_measurements_gives_the_mean_of_the_middle_two', () => {
    expect(
      estimateSeconds(
        [1, 2, 4, 9].map((seconds) => measured(seconds, 10)),
        10,
      ),
    ).toBeCloseTo(3, 12);
  });

  test('nothing_comparable_means_no_estimate', () => {
    expect(estimateSeconds([], 100)).toBeNull();
    expect(estimateSeconds([measured(1, 10)], 100)).toBeNull();
    expect(estimateGroupSeconds(waiting(100), () => [])).toBeNull();
    expect(estimateGroupSeconds({ ...waiting(100), size_class: -1 }, () => [measured(1)])).toBeNull();
  });

  test('a_group_takes_as_long_as_all_of_its_tasks', () => {
    expect(estimateGroupSeconds(waiting(300, 2), () => [measured(30)])).toBeCloseTo(90, 9);
    expect(estimateGroupSeconds(waiting(0, 0), () => [])).toBe(0);
  });

  test('one_unknown_term_makes_the_sum_unknown', () => {
    expect(sumOrNull([1, 2])).toBe(3);
    expect(sumOrNull([1, null])).toBeNull();
    expect(sumOrNull([])).toBe(0);
  });
});
