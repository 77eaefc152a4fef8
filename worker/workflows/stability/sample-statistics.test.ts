import { describe, expect, it } from 'vitest';
import { RunningLine, RunningMoments } from './sample-statistics.ts';
import { ThinnedRows } from './thinned-rows.ts';

// numpy 2.4.6: mean, std (ddof 0) and polyfit of these numbers.
const X = [0, 1, 2, 4, 8, 9];
const Y = [3.1, 2.7, 5.9, 1.4, 8.8, 7.2];

describe('running statistics', () => {
  it('agree_with_numpy_also_far_from_zero', () => {
    for (const offset of [0, 1e9]) {
      const moments = new RunningMoments();
      for (const y of Y) moments.add(y + offset);
      expect(moments.mean - offset).toBeCloseTo(4.85, 6);
      expect(moments.standardDeviation).toBeCloseTo(2.6399179280172076, 6);
      const line = new RunningLine();
      X.forEach((x, k) => {
        line.add(x + offset, (Y[k] ?? 0) + offset);
      });
      expect(line.slope).toBeCloseTo(0.55571429, 6);
    }
  });

  it('of_one_value_have_no_spread_and_no_slope', () => {
    const [moments, line] = [new RunningMoments(), new RunningLine()];
    moments.add(4);
    line.add(1, 4);
    expect([moments.mean, moments.standardDeviation, line.slope]).toEqual([4, 0, 0]);
  });
});

describe('thinned rows', () => {
  it('are_evenly_spaced_and_never_more_than_the_limit', () => {
    const rows = new ThinnedRows<number>(10);
    for (let i = 0; i < 1000; i += 1) {
      rows.add(i);
      expect(rows.rows.length).toBeLessThanOrEqual(10);
      const stride = rows.rows[1] ?? 1;
      expect(rows.rows).toEqual(Array.from({ length: Math.floor(i / stride) + 1 }, (_, k) => k * stride));
    }
    expect(rows.rows.length).toBeGreaterThan(5);
  });
});
