// How long tasks take, from what this machine has measured. Pure; null where nothing comparable was measured.
import type { Measurement } from '../store/queued-work.ts';

/** Median of the measured times per work, s; null without any. */
export function medianSecondsPerWork(measurements: readonly Measurement[]): number | null {
  const perWork = measurements.map(({ work, seconds }) => seconds / work).sort((a, b) => a - b);
  if (perWork.length === 0) return null;
  const middle = perWork.length / 2;
  const lower = perWork[Math.ceil(middle) - 1] ?? 0;
  const upper = perWork[Math.floor(middle)] ?? lower;
  return (lower + upper) / 2;
}

/** null as soon as one is unknown. */
export function sumOrNull(values: Iterable<number | null>): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null) return null;
    total += value;
  }
  return total;
}
