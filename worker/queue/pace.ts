// Seconds per work of each kind and size of task, from the store and kept in memory: estimates ask for them all the time.
import type { QueuedWorkStore, TaskKind } from '../store/queued-work.ts';
import type { TaskRow } from '../store/tasks.ts';
import { medianSecondsPerWork } from './estimates.ts';

const MEASUREMENTS_FOR_ESTIMATE = 50;
/** In size classes: at most a factor of two in the work. */
const COMPARABLE_CLASSES = 1;
/** In the store, per kind and size class. */
const MEASUREMENTS_KEPT = 32;

export interface Pace {
  /**
   * @param slot_id where the task runs; null for one that waits. What that slot has not measured is taken from all.
   * @returns null where nothing comparable was measured, or the size is not known
   */
  secondsPerWork(kind: TaskKind, slot_id: string | null): number | null;
  /** A task has completed. */
  measured(task: TaskRow): void;
}

export function createPace(queuedWork: QueuedWorkStore): Pace {
  /** By kind, then by slot. */
  const known = new Map<string, Map<string | null, number | null>>();
  const keyOf = ({ model, task_type, with_d3 }: TaskKind, size_class: number): string =>
    JSON.stringify([model, task_type, with_d3, size_class]);

  const read = (kind: TaskKind, slot_id: string | null): number | null =>
    medianSecondsPerWork(queuedWork.measurements(kind, slot_id, COMPARABLE_CLASSES, MEASUREMENTS_FOR_ESTIMATE));

  const secondsPerWork: Pace['secondsPerWork'] = (kind, slot_id) => {
    if (kind.size_class < 0) return null;
    const key = keyOf(kind, kind.size_class);
    const ofKind = known.get(key) ?? new Map<string | null, number | null>();
    known.set(key, ofKind);
    const cached = ofKind.get(slot_id);
    if (cached !== undefined) return cached;
    const pace = read(kind, slot_id) ?? (slot_id === null ? null : secondsPerWork(kind, null));
    ofKind.set(slot_id, pace);
    return pace;
  };

  return {
    secondsPerWork,
    measured: (task) => {
      const { work, execution_time_seconds, slot_id, size_class } = task;
      if (work === null || execution_time_seconds === null) return;
      queuedWork.addMeasurement(task, slot_id ?? 'cpu', { work, seconds: execution_time_seconds }, MEASUREMENTS_KEPT);
      for (let other = -COMPARABLE_CLASSES; other <= COMPARABLE_CLASSES; other += 1) {
        known.delete(keyOf(task, size_class + other));
      }
    },
  };
}
