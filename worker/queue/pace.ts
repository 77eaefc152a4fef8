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
  /** null where nothing comparable was measured, or the size is not known. */
  secondsPerWork(kind: TaskKind): number | null;
  /** A task has completed. */
  measured(task: TaskRow): void;
}

export function createPace(queuedWork: QueuedWorkStore): Pace {
  const known = new Map<string, number | null>();
  const keyOf = ({ model, task_type, with_d3 }: TaskKind, size_class: number): string =>
    JSON.stringify([model, task_type, with_d3, size_class]);
  return {
    secondsPerWork: (kind) => {
      if (kind.size_class < 0) return null;
      const key = keyOf(kind, kind.size_class);
      const cached = known.get(key);
      if (cached !== undefined) return cached;
      const measurements = queuedWork.measurements(kind, COMPARABLE_CLASSES, MEASUREMENTS_FOR_ESTIMATE);
      const pace = medianSecondsPerWork(measurements);
      known.set(key, pace);
      return pace;
    },
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
