// The end of an attempt: the task ends with it, or waits for the next one.
import type { TaskEvent } from '../../contracts/event.ts';
import type { TaskError, TaskMetrics } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { Dependants } from './dependants.ts';
import type { Moves } from './moves.ts';
import type { QueueClock } from './queue-clock.ts';

/** Failures of the machinery, not of the calculation: the task may be tried again. */
const RETRIED_ERRORS: readonly TaskError['type'][] = ['KernelCrashed', 'TaskProcessCrashed', 'CUDAError'];
export const NO_METRICS: TaskMetrics = { peak_gpu_memory_MB: null, avg_step_time_ms: null };

export interface Attempts {
  /** ASSIGNED -> RUNNING. @param share part of the slot's time that is its own */
  start(task_id: string, is_resumed: boolean, share: number): boolean;
  /** Computation of this attempt so far, s; in a group, its share of it. */
  seconds(task: TaskRow): number;
  /** The task, and all that waits for it: one transaction. */
  end(task: TaskRow, to: TaskStatus, update: () => boolean, said?: readonly TaskEvent[]): boolean;
  timeOut(task: TaskRow, metrics: TaskMetrics): boolean;
  fail(task: TaskRow, error: TaskError): void;
  /** Unless its time is over: then it ends. */
  waitAgain(task: TaskRow, again: Again, said: TaskEvent): void;
}

export interface Again {
  attempts_given_back: 0 | 1;
  is_preempted?: boolean;
  delay_ms?: number;
}

export interface AttemptsParts {
  store: Store;
  moves: Moves;
  dependants: Dependants;
  clock: QueueClock;
  timestamp: () => string;
  /** Monotonic, ms. */
  uptime: () => number;
  retryDelayMs: (attempts: number) => number;
  /** The attempt is over, however. */
  onLeft: (task_id: string) => void;
  /** A claim may find something that it did not find before: at once, or after a delay. */
  onWaiting: (is_delayed: boolean) => void;
}

export function createAttempts(parts: AttemptsParts): Attempts {
  const { store, moves, dependants, clock, timestamp, uptime, onLeft, onWaiting } = parts;
  /** When the running attempts of this service began, by the monotonic clock, ms. */
  const started = new Map<string, { at: number; share: number }>();

  const seconds = ({ task_id, attempt_seconds }: TaskRow): number => {
    const began = started.get(task_id);
    return began === undefined ? attempt_seconds : (began.share * (uptime() - began.at)) / 1000;
  };

  /** The time of the attempt goes into the row while it still runs. */
  const leave = (task: TaskRow, to: TaskStatus, update: () => boolean, said: readonly TaskEvent[] = []): boolean => {
    const { task_id, status } = task;
    const attempt_seconds = status === 'RUNNING' ? seconds(task) : null;
    const hasLeft = moves.move(
      task_id,
      status,
      to,
      () => {
        if (attempt_seconds !== null) {
          store.tasks.advance(task_id, 0, { progress: 0, stage: null, attempt_seconds });
        }
        return update();
      },
      said,
    );
    if (hasLeft) {
      started.delete(task_id);
      onLeft(task_id);
    }
    return hasLeft;
  };

  /** The end of a task and of all that waits for it: one transaction. */
  const end = (task: TaskRow, to: TaskStatus, update: () => boolean, said: readonly TaskEvent[] = []): boolean => {
    const hasEnded = moves.together(() => {
      if (!leave(task, to, update, said)) return false;
      dependants.settle(task.task_id);
      return true;
    });
    if (hasEnded && to === 'COMPLETED') onWaiting(false);
    return hasEnded;
  };

  const timeOut = (task: TaskRow, metrics: TaskMetrics): boolean => {
    const message = `The task was given ${task.timeout_seconds ?? 0} s of computation; what it reached is kept.`;
    const error: TaskError = {
      type: 'TimeoutError',
      message,
      details: { timeout_seconds: task.timeout_seconds, hint: 'Submit it again with a longer timeout.' },
    };
    const update = () => store.tasks.timeOut(task.task_id, timestamp(), metrics, error);
    return end(task, 'TIMEOUT', update, [moves.logEvent('WARNING', message)]);
  };

  const isOutOfTime = (task: TaskRow): boolean =>
    task.status === 'RUNNING' &&
    task.timeout_seconds !== null &&
    task.computed_seconds + seconds(task) >= task.timeout_seconds;

  const waitAgain = (task: TaskRow, again: Again, said: TaskEvent): void => {
    if (isOutOfTime(task)) {
      timeOut(task, NO_METRICS);
      return;
    }
    const { task_id, status } = task;
    const { attempts_given_back, is_preempted = false, delay_ms = 0 } = again;
    const not_before = delay_ms > 0 ? clock() + delay_ms : null;
    const requeue = (): boolean => {
      const isRequeued = store.tasks.requeue(task_id, status, { attempts_given_back, is_preempted, not_before });
      if (isRequeued) store.history.forgetSteps(task_id);
      return isRequeued;
    };
    if (!leave(task, 'QUEUED', requeue, [said])) return;
    onWaiting(not_before !== null);
  };

  const fail = (task: TaskRow, error: TaskError): void => {
    const { task_id, status, attempts, max_attempts } = task;
    const context = { error_type: error.type, attempt: attempts, max_attempts };
    const isMachineFailure = RETRIED_ERRORS.includes(error.type);
    if (isMachineFailure && attempts < max_attempts) {
      const lost = `Attempt ${attempts} of ${max_attempts} was lost, the task waits again: ${error.message}`;
      waitAgain(
        task,
        { attempts_given_back: 0, delay_ms: parts.retryDelayMs(attempts) },
        moves.logEvent('WARNING', lost, context),
      );
      return;
    }
    // A calculation that failed has said why in its own log lines.
    const said = isMachineFailure ? [moves.logEvent('ERROR', `No attempt is left: ${error.message}`, context)] : [];
    const reported = isMachineFailure ? { ...error, details: { ...error.details, parked: true } } : error;
    end(task, 'FAILED', () => store.tasks.fail(task_id, status, timestamp(), reported, isMachineFailure), said);
  };

  return {
    start: (task_id, is_resumed, share) => {
      const update = () => store.tasks.start(task_id, timestamp(), is_resumed);
      const hasStarted = moves.move(task_id, 'ASSIGNED', 'RUNNING', update);
      if (hasStarted) started.set(task_id, { at: uptime(), share });
      return hasStarted;
    },
    seconds,
    end,
    timeOut,
    fail,
    waitAgain,
  };
}
