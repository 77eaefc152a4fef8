import { describe, expect, test } from 'vitest';
import { alignSeries } from './align-series.ts';

describe('curves in one plot', () => {
  test('share_one_rising_axis_and_keep_their_own_points', () => {
    const points = { x: [3, 1], y: [30, 10] };
    const curve = { x: [1, 2, 3], y: [1, 2, 3] };
    expect(alignSeries([points, curve])).toEqual({
      x: [1, 2, 3],
      y: [
        [10, null, 30],
        [1, 2, 3],
      ],
    });
  });

  test('what_is_not_finite_has_no_place', () => {
    expect(alignSeries([{ x: [1, 2, Number.NaN], y: [Number.POSITIVE_INFINITY, 5, 6] }])).toEqual({
      x: [1, 2],
      y: [[null, 5]],
    });
    expect(alignSeries([])).toEqual({ x: [], y: [] });
  });
});
