import { describe, expect, test } from 'vitest';
import type { Measurement } from '../store/queued-work.ts';
import { medianSecondsPerWork, sumOrNull } from './estimates.ts';

function measured(seconds: number, work = 100): Measurement {
  return { work, seconds };
}

describe('estimates from measured tasks', () => {
  test('the_median_ignores_an_outlier', () => {
    expect(medianSecondsPerWork([1, 1.2, 500].map((seconds) => measured(seconds)))).toBeCloseTo(0.012, 12);
  });

  test('an_even_number_of_measurements_gives_the_mean_of_the_middle_two', () => {
    expect(medianSecondsPerWork([1, 2, 4, 9].map((seconds) => measured(seconds, 10)))).toBeCloseTo(0.3, 12);
  });

  test('nothing_measured_means_no_estimate', () => {
    expect(medianSecondsPerWork([])).toBeNull();
  });

  test('one_unknown_term_makes_the_sum_unknown', () => {
    expect(sumOrNull([1, 2])).toBe(3);
    expect(sumOrNull([1, null])).toBeNull();
    expect(sumOrNull([])).toBe(0);
  });
});
