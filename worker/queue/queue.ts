// The durable queue: submission, the order of service, and every move of a task. A move happens only when the table in
// contracts/task-status.ts allows it and the row still has the state that it leaves.
import { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { TaskEvent } from '../../contracts/event.ts';
import type { LogLevel } from '../../contracts/log.ts';
import type { QueueState } from '../../contracts/system.ts';
import type { Priority, TaskError, TaskMetrics } from '../../contracts/task.ts';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { NewTask, TaskRow } from '../store/tasks.ts';
import { NO_METRICS, createAttempts } from './attempts.ts';
import { chooseTask, tasksBehind } from './claim.ts';
import type { Score } from './claim.ts';
import { createDependants } from './dependants.ts';
import { createEstimator } from './estimator.ts';
import { createMoves } from './moves.ts';
import type { MoveListener } from './moves.ts';
import { createQueueClock } from './queue-clock.ts';
import { MAX_RETRY_DELAY_MS, retryDelayMs } from './retry-delay.ts';
import { submitTasks } from './submission.ts';
import type { TaskEvents } from './task-events.ts';
import { sizeOf } from './work.ts';

import type { ClaimCandidate } from '../store/queued-work.ts';

export type { ClaimCandidate } from '../store/queued-work.ts';
export type { MoveListener } from './moves.ts';

export const DEFAULT_MAX_QUEUE_SIZE = 100_000;
const PAUSED = 'queue_is_paused';
const CRITICAL_RANK = 3;
/** Whoever has not made room by then is asked again, or another one. */
const PREEMPTION_EXPIRES_MS = 60_000;

function isActive(status: TaskStatus): boolean {
  return status === 'ASSIGNED' || status === 'RUNNING';
}

export interface SlotLabel {
  /** `cpu`, or the UUID of the GPU. */
  slot_id: string;
  /** `cpu` or `cuda:<index>`. */
  device: string;
  gpu_id: number | null;
}

export interface Queue {
  /**
   * All or none, committed when this returns, and on disk after `store.flush()`: nobody is told an id before. A task may depend on tasks that exist and on those before it in the same call,
   * so that no circle can come to be.
   *
   * @throws ServiceError 40401 unknown dependency | 50301 the service is stopping | 50303 the queue is full
   */
  submit(tasks: readonly NewTask[]): TaskRow[];
  /** QUEUED -> ASSIGNED, or null when nothing waits that fits. */
  claim(slot: SlotLabel, score?: Score): TaskRow | null;
  /**
   * More tasks for a slot that has just claimed one, QUEUED -> ASSIGNED in one commit.
   *
   * @param choose of those behind it that nobody is overtaken by: of its key and level, in the order of service
   */
  claimBehind(
    claimed: TaskRow,
    slot: SlotLabel,
    choose: (behind: readonly ClaimCandidate[]) => readonly ClaimCandidate[],
  ): TaskRow[];
  /** The structure of a task that had to wait for it is known. */
  describe(task_id: string, structure: { n_atoms: number; formula: string }): void;
  /**
   * ASSIGNED -> RUNNING; false when the task has been cancelled meanwhile.
   *
   * @param share part of the slot's time that is its own; below 1 in a group
   */
  start(task_id: string, is_resumed?: boolean, share?: number): boolean;
  /** Events of the running attempt; those that come after its end are dropped, except log lines. */
  record(task_id: string, events: readonly TaskEvent[]): void;
  complete(task_id: string, execution_time_seconds: number, metrics?: TaskMetrics): boolean;
  /** The time that the task was given is over; what it reached is in its folder. */
  timeOut(task_id: string, metrics?: TaskMetrics): boolean;
  /** The attempt failed: the task waits again when the failure was not its own and attempts are left. */
  fail(task_id: string, error: TaskError): void;
  /** It made room for a CRITICAL task and goes on from its checkpoint later; the attempt does not count. */
  preempted(task_id: string): void;
  /** Through no fault of its own (the service stops, a GPU was lost): it waits again, and the attempt does not count. */
  putBack(task_id: string, reason?: string): void;
  /** Returns the status that was left, or null when the task had already ended. */
  cancel(task_id: string): TaskStatus | null;
  /** One commit for all that `action` does with the queue; listeners are told after it. No awaiting inside. */
  together<Result>(action: () => Result): Result;
  /** Only what has ended. */
  remove(task_id: string): boolean;
  /** A CRITICAL task waits and a LOW one that keeps checkpoints runs: it is to make room. Names each task once. */
  preemption(): { victim: string; for: string } | null;
  /** Nothing is claimed until `resume`, also after a restart. */
  pause(): void;
  resume(): void;
  /** The service ends: nothing is claimed or submitted any more. */
  drain(): void;
  state(n_slots: number): QueueState;
  /** At start: what was interrupted by the last end of the service waits again, or fails after its last attempt. */
  reconcile(): void;
  log(task_id: string, level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): void;
  /** Of a new task; null where something ahead is unlike everything measured here, or no slot is there. */
  estimateWaitSeconds(priority: Priority, n_slots: number): number | null;
  /** Of those of `tasks` that are QUEUED. */
  estimateWaits(tasks: readonly TaskRow[], n_slots: number): Map<string, number | null>;
  /** null for a task that does not run, or unlike everything measured. */
  estimateRemainingSeconds(task: TaskRow): number | null;
  /** Computation that is left of the task's timeout, s; null without one. */
  remainingTimeout(task: TaskRow): number | null;
  /** A priority has changed: who is served next may be another task now. */
  reconsider(): void;
  /** Called when a claim may find something that it did not find before. */
  onQueued(listener: () => void): void;
  /** Called after the commit of every move; `previous` is null for a new task. */
  onMove(listener: MoveListener): void;
  onPaused(listener: (is_paused: boolean) => void): void;
}

export interface QueueParts {
  store: Store;
  events: TaskEvents;
  now: () => Date;
  /** Monotonic, ms. */
  uptime?: () => number;
  /** Called inside the transaction of every move. */
  inTransaction?: MoveListener[];
  maxQueueSize?: number;
  /** @param attempts that were lost, from 1 */
  retryDelayMs?: (attempts: number) => number;
}

export function createQueue(parts: QueueParts): Queue {
  const { store, events, now, inTransaction = [], maxQueueSize = DEFAULT_MAX_QUEUE_SIZE } = parts;
  const uptime = parts.uptime ?? (() => performance.now());
  const clock = createQueueClock(now(), uptime, store.queuedWork.latestQueueTime());
  const moves = createMoves({ store, events, now, inTransaction });
  const queuedListeners: (() => void)[] = [];
  const pausedListeners: ((is_paused: boolean) => void)[] = [];
  const lastServed = new Map<string, number>();
  let n_claims = 0;
  /** Victim -> the task that it makes room for, and when it was asked to, by the monotonic clock, ms. */
  const preemptions = new Map<string, { for: string; asked_at: number }>();
  let isPaused = store.settings.get(PAUSED, z.boolean()) ?? false;
  let isDraining = false;
  let wake: NodeJS.Timeout | undefined;
  const timestamp = (): string => now().toISOString();

  const tellQueued = (): void => {
    for (const listener of queuedListeners) listener();
  };

  /** One timer for the next end of a delay. */
  const wakeAfterDelay = (): void => {
    clearTimeout(wake);
    const next = isDraining ? null : store.queuedWork.nextDelay(clock());
    if (next === null) return;
    wake = setTimeout(
      () => {
        // A service that could not start has closed its store without a word.
        if (isDraining || !store.isAlive()) return;
        tellQueued();
        wakeAfterDelay();
      },
      Math.max(1, next - clock()),
    ).unref();
  };

  const queuedNow = () => ({ queued_at: timestamp(), queue_time: clock() });

  const dependants = createDependants({ store, moves, timestamp, queuedNow });
  const attempts = createAttempts({
    store,
    moves,
    dependants,
    clock,
    timestamp,
    uptime,
    retryDelayMs: parts.retryDelayMs ?? retryDelayMs,
    onLeft: (task_id) => preemptions.delete(task_id),
    onWaiting: (is_delayed) => {
      if (is_delayed) wakeAfterDelay();
      else tellQueued();
    },
  });
  /** Asked for with every submission and every look at a task that waits, and changed by moves only. */
  let active: readonly TaskRow[] | null = null;
  const activeTasks = (): readonly TaskRow[] =>
    (active ??= [...store.tasks.withStatus('ASSIGNED'), ...store.tasks.withStatus('RUNNING')]);
  inTransaction.push((task, previous) => {
    if (isActive(task.status) || (previous !== null && isActive(previous))) active = null;
  });
  const estimator = createEstimator({
    store,
    attemptSeconds: (task) => attempts.seconds(task),
    activeTasks,
  });

  const setPaused = (value: boolean): void => {
    if (value === isPaused) return;
    store.settings.set(PAUSED, value);
    isPaused = value;
    for (const listener of pausedListeners) listener(value);
    if (!value) tellQueued();
  };

  const assign = ({ task_id, attempts: earlier }: ClaimCandidate, slot: SlotLabel): boolean => {
    const context = { slot_id: slot.slot_id, gpu_id: slot.gpu_id, attempt: earlier + 1 };
    const said = [moves.logEvent('INFO', `Assigned to ${slot.device}.`, context)];
    return moves.move(task_id, 'QUEUED', 'ASSIGNED', () => store.tasks.assign(task_id, slot), said);
  };

  const findActive = (task_id: string): TaskRow | null => {
    const task = store.tasks.find(task_id);
    return task?.status === 'ASSIGNED' || task?.status === 'RUNNING' ? task : null;
  };
  const findRunning = (task_id: string): TaskRow | null => {
    const task = store.tasks.find(task_id);
    return task?.status === 'RUNNING' ? task : null;
  };

  return {
    submit: (tasks) => {
      if (isDraining)
        throw new ServiceError(50301, { message: 'The service is stopping. Submit again when it is back.' });
      const rows = submitTasks({ store, moves, dependants, queuedNow, maxQueueSize }, tasks);
      tellQueued();
      return rows;
    },

    claim: (slot, score = () => 0) => {
      if (isPaused || isDraining) return null;
      const claimed = moves.together(() => {
        const chosen = chooseTask(store.queuedWork, lastServed, clock(), score);
        if (chosen === null) return null;
        const { task_id, fair_key } = chosen;
        if (!assign(chosen, slot)) return null;
        lastServed.set(fair_key, ++n_claims);
        return task_id;
      });
      return claimed === null ? null : store.tasks.find(claimed);
    },

    claimBehind: (claimed, slot, choose) => {
      if (isPaused || isDraining) return [];
      const more = moves.together(() =>
        choose(tasksBehind(store.queuedWork, claimed, clock())).filter((candidate) => assign(candidate, slot)),
      );
      return more.flatMap(({ task_id }) => store.tasks.find(task_id) ?? []);
    },

    describe: (task_id, structure) => {
      const task = store.tasks.find(task_id);
      if (task === null) return;
      store.tasks.describe(task_id, structure, sizeOf(task.task_type, task.parameters, structure.n_atoms));
      active = null;
    },

    start: (task_id, is_resumed = false, share = 1) => attempts.start(task_id, is_resumed, share),

    record: (task_id, news) => {
      const task = store.tasks.find(task_id);
      if (task === null) return;
      const isRunning = task.status === 'RUNNING';
      // The state is this side's word alone.
      const kept = news.filter((event) => event.type === 'log' || (isRunning && event.type !== 'state'));
      moves.record(task_id, kept, isRunning ? attempts.seconds(task) : null);
    },

    complete: (task_id, execution_time_seconds, metrics = NO_METRICS) => {
      const task = findRunning(task_id);
      if (task === null) return false;
      return attempts.end(task, 'COMPLETED', () => {
        if (!store.tasks.complete(task_id, timestamp(), execution_time_seconds, metrics)) return false;
        const completed = store.tasks.find(task_id);
        if (completed !== null) estimator.measured(completed);
        return true;
      });
    },

    timeOut: (task_id, metrics = NO_METRICS) => {
      const task = findRunning(task_id);
      return task !== null && attempts.timeOut(task, metrics);
    },

    fail: (task_id, error) => {
      const task = store.tasks.find(task_id);
      if (task === null || isFinalStatus(task.status)) return;
      attempts.fail(task, error);
    },

    preempted: (task_id) => {
      const task = findRunning(task_id);
      if (task === null) return;
      const context = { for: preemptions.get(task_id)?.for ?? null };
      const said = moves.logEvent('INFO', 'The task made room for a CRITICAL one and goes on later.', context);
      attempts.waitAgain(task, { attempts_given_back: 1, is_preempted: true }, said);
    },

    putBack: (task_id, reason = 'The service stops; the task starts again with it.') => {
      const task = findActive(task_id);
      if (task !== null) attempts.waitAgain(task, { attempts_given_back: 1 }, moves.logEvent('INFO', reason));
    },

    cancel: (task_id) => {
      const task = store.tasks.find(task_id);
      if (task === null || isFinalStatus(task.status)) return null;
      const { status } = task;
      const said = [moves.logEvent('INFO', `Cancelled by the user while ${status}.`)];
      return attempts.end(task, 'CANCELLED', () => store.tasks.cancel(task_id, status, timestamp()), said)
        ? status
        : null;
    },

    together: (action) => moves.together(action),

    remove: (task_id) => {
      const isRemoved = store.tasks.remove(task_id);
      if (isRemoved) events.forgetFrame(task_id);
      return isRemoved;
    },

    preemption: () => {
      if (isPaused || isDraining) return null;
      for (const [victim, { asked_at }] of preemptions) {
        if (uptime() - asked_at > PREEMPTION_EXPIRES_MS) preemptions.delete(victim);
      }
      // Asked with every submission: first what is known without asking the database.
      const victim = activeTasks()
        .filter(({ task_id, status, priority, task_type }) => {
          const isLow = status === 'RUNNING' && priority === 'LOW';
          return isLow && TASK_TYPES[task_type].is_checkpointed && !preemptions.has(task_id);
        })
        // The one that began last has the least behind its last checkpoint to lose.
        .sort((a, b) => attempts.seconds(a) - attempts.seconds(b))[0];
      if (victim === undefined) return null;
      const served = new Set([...preemptions.values()].map((asked) => asked.for));
      const isUnserved: Score = ({ task_id }) => (served.has(task_id) ? null : 0);
      const critical = chooseTask(store.queuedWork, lastServed, clock(), isUnserved, CRITICAL_RANK);
      if (critical === null) return null;
      preemptions.set(victim.task_id, { for: critical.task_id, asked_at: uptime() });
      return { victim: victim.task_id, for: critical.task_id };
    },

    pause: () => {
      setPaused(true);
    },
    resume: () => {
      setPaused(false);
    },
    drain: () => {
      isDraining = true;
      clearTimeout(wake);
    },

    state: (n_slots) => {
      const counts = store.queuedWork.counts();
      const total = (statuses: readonly string[], priority?: Priority): number =>
        counts
          .filter((count) => statuses.includes(count.status) && (priority ?? count.priority) === count.priority)
          .reduce((sum, { n }) => sum + n, 0);
      return {
        is_paused: isPaused,
        is_draining: isDraining,
        pending: total(['PENDING']),
        queued: total(['QUEUED']),
        running: total(['ASSIGNED', 'RUNNING']),
        by_priority: {
          CRITICAL: total(['QUEUED'], 'CRITICAL'),
          HIGH: total(['QUEUED'], 'HIGH'),
          NORMAL: total(['QUEUED'], 'NORMAL'),
          LOW: total(['QUEUED'], 'LOW'),
        },
        estimated_wait_seconds: estimator.waitOfNew('NORMAL', n_slots),
      };
    },

    reconcile: () => {
      for (const task_id of store.tasks.released()) {
        moves.move(task_id, 'PENDING', 'QUEUED', () => store.tasks.enqueue(task_id, queuedNow()));
      }
      for (const status of ['ASSIGNED', 'RUNNING'] as const) {
        for (const task of store.tasks.withStatus(status)) {
          attempts.fail(task, {
            type: 'TaskProcessCrashed',
            message: 'The service ended while the task was under way.',
            details: { attempt: task.attempts },
          });
        }
      }
      // After a change of the machine's clock, a time on record may lie far ahead.
      store.queuedWork.capDelays(clock() + MAX_RETRY_DELAY_MS);
      wakeAfterDelay();
    },

    log: (task_id, level, message, context) => {
      moves.record(task_id, [moves.logEvent(level, message, context)], null);
    },

    estimateWaitSeconds: (priority, n_slots) => estimator.waitOfNew(priority, n_slots),
    estimateWaits: (tasks, n_slots) => estimator.waits(tasks, n_slots),
    estimateRemainingSeconds: (task) => estimator.remaining(task),
    remainingTimeout: ({ timeout_seconds, computed_seconds }) =>
      timeout_seconds === null ? null : timeout_seconds - computed_seconds,

    reconsider: tellQueued,
    onQueued: (listener) => {
      queuedListeners.push(listener);
    },
    onMove: (listener) => {
      moves.onMove(listener);
    },
    onPaused: (listener) => {
      pausedListeners.push(listener);
    },
  };
}
