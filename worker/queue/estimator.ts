// Estimates for tasks in the queue: what is ahead of them, and what is left of those that run.
import { prioritySchema } from '../../contracts/task.ts';
import type { Priority } from '../../contracts/task.ts';
import { FIRST_PLACE } from '../store/queued-work.ts';
import type { TaskKind } from '../store/queued-work.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { sumOrNull } from './estimates.ts';
import { createPace } from './pace.ts';
import { rankOf } from './priority-rank.ts';

export interface Estimator {
  /** A new task of this priority; null where something ahead is unlike everything measured, or no slot is there. */
  waitOfNew(priority: Priority, n_slots: number): number | null;
  /** Those of `tasks` that are QUEUED. */
  waits(tasks: readonly TaskRow[], n_slots: number): Map<string, number | null>;
  /** null for what does not run. */
  remaining(task: TaskRow): number | null;
  /** A task has completed. */
  measured(task: TaskRow): void;
}

export interface EstimatorParts {
  store: Store;
  /** Computation of the running attempt so far, s. */
  attemptSeconds: (task: TaskRow) => number;
  /** Those that are ASSIGNED or RUNNING. */
  activeTasks: () => readonly TaskRow[];
}

export function createEstimator({ store, attemptSeconds, activeTasks }: EstimatorParts): Estimator {
  const { queuedWork } = store;
  const pace = createPace(queuedWork);

  const secondsOf = (kind: TaskKind, work: number | null, slot_id: string | null): number | null => {
    const secondsPerWork = pace.secondsPerWork(kind, slot_id);
    return secondsPerWork === null || work === null ? null : secondsPerWork * work;
  };

  /** Time that the whole task takes less what it has taken; a late one does not shorten anybody's wait. */
  const remainingOf = (task: TaskRow): number | null => {
    const seconds = secondsOf(task, task.work, task.slot_id);
    return seconds === null ? null : Math.max(0, seconds - task.resumed_seconds - attemptSeconds(task));
  };

  const remainingOfRunning = (): number | null => sumOrNull(activeTasks().map(remainingOf));

  /** Seconds and number of the waiting tasks of each rank. */
  const waitingByRank = (): Map<number, { seconds: number | null; n: number }> => {
    const ranks = new Map<number, { seconds: number | null; n: number }>();
    for (const group of queuedWork.waiting()) {
      const of = ranks.get(group.priority_rank) ?? { seconds: 0, n: 0 };
      const seconds = sumOrNull([of.seconds, secondsOf(group, group.work, null)]);
      ranks.set(group.priority_rank, { seconds, n: of.n + group.n });
    }
    return ranks;
  };

  /** The part of the own rank that is ahead counts by its number: it is not looked at task by task. */
  const ahead = (
    ranks: ReadonlyMap<number, { seconds: number | null; n: number }>,
    rank: number,
    n_before: number,
  ): number | null => {
    const higher = [...ranks].filter(([other]) => other > rank).map(([, { seconds }]) => seconds);
    const own = ranks.get(rank);
    if (own === undefined || own.n === 0 || n_before === 0) return sumOrNull(higher);
    const part = Math.min(1, n_before / own.n);
    return sumOrNull([...higher, own.seconds === null ? null : own.seconds * part]);
  };

  /** How many of the same priority come before each: every waiting task is passed over once at most, not once per task. */
  const placesOf = (tasks: readonly TaskRow[]): { task_id: string; rank: number; n_before: number }[] =>
    prioritySchema.options.flatMap((priority) => {
      const rank = rankOf(priority);
      let from = FIRST_PLACE;
      let n_before = 0;
      return tasks
        .filter((task) => task.status === 'QUEUED' && task.priority === priority)
        .map(({ task_id, queue_time, submitted_order }) => ({ task_id, queue_time: queue_time ?? 0, submitted_order }))
        .sort((a, b) => a.queue_time - b.queue_time || a.submitted_order - b.submitted_order)
        .map(({ task_id, ...place }) => {
          n_before += queuedWork.countBetween(priority, from, place);
          from = place;
          return { task_id, rank, n_before };
        });
    });

  return {
    waitOfNew: (priority, n_slots) => {
      if (n_slots === 0) return null;
      const rank = rankOf(priority);
      const ranks = waitingByRank();
      const seconds = sumOrNull([remainingOfRunning(), ahead(ranks, rank, ranks.get(rank)?.n ?? 0)]);
      return seconds === null ? null : seconds / n_slots;
    },

    waits: (tasks, n_slots) => {
      const waits = new Map<string, number | null>();
      const places = placesOf(tasks);
      // Most questions are about tasks that do not wait.
      if (places.length === 0) return waits;
      const ranks = waitingByRank();
      const running = remainingOfRunning();
      for (const { task_id, rank, n_before } of places) {
        const seconds = sumOrNull([running, ahead(ranks, rank, n_before)]);
        waits.set(task_id, seconds === null || n_slots === 0 ? null : seconds / n_slots);
      }
      return waits;
    },

    remaining: (task) => (task.status === 'RUNNING' ? remainingOf(task) : null),

    measured: (task) => {
      pace.measured(task);
    },
  };
}
