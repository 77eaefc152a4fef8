import { describe, expect, test } from 'vitest';
import { thinSeries } from './thin-series.ts';

describe('thinning', () => {
  test('a_short_series_is_untouched', () => {
    expect(thinSeries([3, 1, 2], 10)).toEqual([0, 1, 2]);
    expect(thinSeries([], 10)).toEqual([]);
  });

  test('ends_and_every_spike_survive', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => Math.exp(-i / 20_000));
    values[54_321] = 50;
    values[77_777] = -50;
    const kept = thinSeries(values, 300);
    expect(kept.length).toBeLessThanOrEqual(602);
    expect(kept[0]).toBe(0);
    expect(kept.at(-1)).toBe(99_999);
    expect(kept).toContain(54_321);
    expect(kept).toContain(77_777);
  });

  test('indices_ascend_without_repeats', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => Math.sin(i));
    const kept = thinSeries(values, 100);
    expect(kept.every((index, i) => i === 0 || index > (kept[i - 1] ?? 0))).toBe(true);
  });
});
