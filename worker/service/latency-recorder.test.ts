import { expect, test } from 'vitest';
import { createLatencyRecorder } from './latency-recorder.ts';

test('a_quantile_is_within_a_tenth_and_forgets_after_five_minutes', () => {
  let nowMs = 0;
  const latency = createLatencyRecorder(() => nowMs);
  expect(latency.quantileMs(0.99)).toBeNull();
  for (let ms = 1; ms <= 1000; ms++) latency.record(ms);
  for (const [quantile, ms] of [
    [0.5, 500],
    [0.99, 990],
  ] as const) {
    const found = latency.quantileMs(quantile) ?? 0;
    expect(found).toBeGreaterThanOrEqual(ms);
    expect(found).toBeLessThanOrEqual(ms * 1.1);
  }
  nowMs = 299_000;
  expect(latency.quantileMs(0.5)).not.toBeNull();
  nowMs = 331_000;
  expect(latency.quantileMs(0.5)).toBeNull();
});

test('times_beyond_the_scale_count_at_its_ends', () => {
  const latency = createLatencyRecorder(() => 0);
  latency.record(0);
  expect(latency.quantileMs(1)).toBeCloseTo(0.1);
  latency.record(1e9);
  expect(latency.quantileMs(1)).toBeGreaterThan(60_000);
});
