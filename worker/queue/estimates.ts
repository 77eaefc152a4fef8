// How long until a new task is served, from what this machine has measured. Pure; null where nothing comparable was measured.
import type { Measurement, Workload } from '../store/tasks.ts';

/** A task counts as comparable when its number of atoms differs by at most this factor. */
const COMPARABLE_FACTOR = 2;

/** Median time per atom of the comparable tasks, times the atoms, seconds. */
export function estimateSeconds(measurements: readonly Measurement[], n_atoms: number): number | null {
  const perAtom = measurements
    .filter((m) => m.n_atoms <= n_atoms * COMPARABLE_FACTOR && n_atoms <= m.n_atoms * COMPARABLE_FACTOR)
    .map((m) => m.execution_time_seconds / m.n_atoms)
    .sort((a, b) => a - b);
  if (perAtom.length === 0) return null;
  const middle = perAtom.length / 2;
  const lower = perAtom[Math.ceil(middle) - 1] ?? 0;
  const upper = perAtom[Math.floor(middle)] ?? lower;
  return ((lower + upper) / 2) * n_atoms;
}

/**
 * Everything that is ahead of a new task, divided over the slots.
 *
 * @param measurementsOf the latest measurements of a model and task type
 * @returns seconds; 0 when nothing is ahead; null when a task ahead is unlike everything measured, or no slot is there
 */
export function estimateWaitSeconds(
  ahead: readonly Workload[],
  measurementsOf: (workload: Workload) => readonly Measurement[],
  n_slots: number,
  now: Date,
): number | null {
  if (n_slots === 0) return null;
  let total = 0;
  for (const workload of ahead) {
    const seconds = estimateSeconds(measurementsOf(workload), workload.n_atoms);
    if (seconds === null) return null;
    const elapsed = workload.started_at === null ? 0 : (now.getTime() - Date.parse(workload.started_at)) / 1000;
    total += workload.count * Math.max(0, seconds - elapsed);
  }
  return total / n_slots;
}
