import { describe, expect, test } from 'vitest';
import { decadeRange, isDecade, onLogScale } from './log-scale.ts';

describe('logarithmic axis', () => {
  test.each([
    [0.002, 3, [1e-3, 10]],
    [0.5, 0.6, [0.1, 1]],
    [1, 1, [1, 10]],
    [1e-4, 1e-4, [1e-4, 1e-3]],
  ])('%d_to_%d_is_framed_by_decades', (lowest, highest, range) => {
    const [low, high] = decadeRange(lowest, highest);
    expect(low).toBeCloseTo(range[0] ?? 0, 15);
    expect(high).toBeCloseTo(range[1] ?? 0, 15);
  });

  test('no_data_has_a_range_too', () => {
    expect(decadeRange(null, null)).toEqual([1e-3, 1]);
  });

  test('zero_and_rounding_noise_are_gaps', () => {
    expect([0, 5e-324, -1, Number.NaN, 1e-5].map(onLogScale)).toEqual([null, null, null, null, 1e-5]);
  });

  test('only_powers_of_ten_are_decades', () => {
    expect([1e-5, 0.001, 1, 1000].every(isDecade)).toBe(true);
    expect([2e-5, 0.5, 3].some(isDecade)).toBe(false);
  });
});
