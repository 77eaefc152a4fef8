// How long tasks take and how long they wait, from what this machine has measured. Pure; null where nothing comparable was
// measured.
import type { Measurement, TaskKind, WaitingWork } from '../store/queued-work.ts';

/** A measured task is comparable when its work differs by at most this factor. */
const COMPARABLE_FACTOR = 2;

export type MeasurementsOf = (kind: TaskKind) => readonly Measurement[];

/** Median of the comparable tasks' times per work, times the work, s. */
export function estimateSeconds(measurements: readonly Measurement[], work: number): number | null {
  const perWork = measurements
    .filter((measured) => measured.work <= work * COMPARABLE_FACTOR && work <= measured.work * COMPARABLE_FACTOR)
    .map((measured) => measured.seconds / measured.work)
    .sort((a, b) => a - b);
  if (perWork.length === 0) return null;
  const middle = perWork.length / 2;
  const lower = perWork[Math.ceil(middle) - 1] ?? 0;
  const upper = perWork[Math.floor(middle)] ?? lower;
  return ((lower + upper) / 2) * work;
}

/**
 * Time that a group of waiting tasks takes one after another, s: each as its mean.
 *
 * @returns null when nothing comparable was measured, or the structures are not known yet
 */
export function estimateGroupSeconds(group: WaitingWork, measurementsOf: MeasurementsOf): number | null {
  if (group.n === 0) return 0;
  if (group.size_class < 0) return null;
  const seconds = estimateSeconds(measurementsOf(group), group.work / group.n);
  return seconds === null ? null : seconds * group.n;
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
