import { expect, test } from 'vitest';
import { elapsedSeconds } from './elapsed.ts';

const now = new Date('2026-01-01T00:00:10Z');

test('a_measured_time_wins_over_the_clock', () => {
  expect(
    elapsedSeconds(
      {
        status: 'COMPLETED',
        started_at: '2026-01-01T00:00:00Z',
        finished_at: '2026-01-01T00:00:05Z',
        execution_time_seconds: 4.2,
      },
      now,
    ),
  ).toBe(4.2);
});

test('a_running_task_counts_from_its_start', () => {
  const task = { started_at: '2026-01-01T00:00:00Z', finished_at: null, execution_time_seconds: null };
  expect(elapsedSeconds({ status: 'RUNNING', ...task }, now)).toBe(10);
});

test('a_task_that_never_started_has_no_time', () => {
  const task = { started_at: null, finished_at: '2026-01-01T00:00:05Z', execution_time_seconds: null };
  expect(elapsedSeconds({ status: 'CANCELLED', ...task }, now)).toBeNull();
});
