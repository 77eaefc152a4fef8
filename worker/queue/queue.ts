// The durable queue: every move of a task from one state to the next, told to whoever listens. A move happens only when the
// table in contracts/task-status.ts allows it and the row still has the state that it leaves.
import type { TaskEvent } from '../../contracts/event.ts';
import type { LogLevel } from '../../contracts/log.ts';
import { prioritySchema } from '../../contracts/task.ts';
import type { Priority, TaskError } from '../../contracts/task.ts';
import { isFinalStatus, isLegalTransition } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { Numbered } from '../store/task-history.ts';
import type { NewTask, TaskRow } from '../store/tasks.ts';
import { estimateWaitSeconds } from './estimates.ts';
import type { TaskEvents } from './task-events.ts';

/** Failures of the machinery, not of the calculation: the task may be tried again. */
const RETRIED_ERRORS: readonly TaskError['type'][] = ['KernelCrashed', 'TaskProcessCrashed'];
const MEASUREMENTS_FOR_ESTIMATE = 50;

export interface SlotLabel {
  slot_id: string;
  /** `cpu` or `cuda:<index>`. */
  device: string;
  gpu_id: number | null;
}

export interface Queue {
  /** The task is on disk when this returns; it is QUEUED a moment later. */
  submit(task: NewTask): TaskRow;
  /** QUEUED -> ASSIGNED, or null when nothing waits. */
  claim(slot: SlotLabel): TaskRow | null;
  /** ASSIGNED -> RUNNING; false when the task has been cancelled meanwhile. */
  start(task_id: string): boolean;
  /** Events of the running attempt; those that come after its end are dropped, except log lines. */
  record(task_id: string, events: readonly TaskEvent[]): void;
  complete(task_id: string, execution_time_seconds: number): boolean;
  /** The attempt failed: the task waits again when the failure was not its own and attempts are left. */
  fail(task_id: string, error: TaskError): void;
  /** The service stops in good order: the task waits for its next start, and the attempt does not count. */
  putBack(task_id: string): void;
  /** Returns the status that was left, or null when the task had already ended. */
  cancel(task_id: string): TaskStatus | null;
  /** At start: what was interrupted by the last end of the service waits again, or fails after its last attempt. */
  reconcile(): void;
  log(task_id: string, level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): void;
  estimateWaitSeconds(priority: Priority, n_slots: number): number | null;
  /** Called after a task has become QUEUED. */
  onQueued(listener: () => void): void;
}

export interface QueueParts {
  store: Store;
  events: TaskEvents;
  now: () => Date;
}

export function createQueue({ store, events, now }: QueueParts): Queue {
  const queuedListeners: (() => void)[] = [];
  const timestamp = (): string => now().toISOString();

  /** Numbers the events and stores what is kept of them. */
  const persist = (task_id: string, news: readonly TaskEvent[]): Numbered<TaskEvent>[] => {
    const progress = Math.max(0, ...news.map((event) => (event.type === 'progress' ? event.progress : 0)));
    const last = store.tasks.advance(task_id, news.length, progress);
    if (last === null) return [];
    const first = last - news.length + 1;
    return news.map((event, i) => {
      const sequence = first + i;
      if (event.type === 'step') store.history.addStep(task_id, sequence, event);
      if (event.type === 'log') store.history.addLog(task_id, sequence, event);
      return { sequence, event };
    });
  };

  const record = (task_id: string, news: readonly TaskEvent[]): void => {
    if (news.length === 0) return;
    events.publish(
      task_id,
      store.transaction(() => persist(task_id, news)),
    );
  };

  const logEvent = (level: LogLevel, message: string, context: Readonly<Record<string, unknown>> = {}): TaskEvent => {
    return { type: 'log', timestamp: timestamp(), level, message, context: { ...context } };
  };

  const stateEvent = ({ status, progress, error }: TaskRow): TaskEvent => ({ type: 'state', status, progress, error });

  /**
   * The update, what is said about it and the new state: one transaction, told after it.
   * @returns false when the row had left `from` already: nothing has changed
   * @throws Error when the table of transitions does not know the move: a mistake in this program
   */
  const move = (
    task_id: string,
    from: TaskStatus,
    to: TaskStatus,
    update: () => boolean,
    said: readonly TaskEvent[] = [],
  ): boolean => {
    if (!isLegalTransition(from, to)) throw new Error(`A task may not go from ${from} to ${to} (${task_id}).`);
    const news = store.transaction(() => {
      if (!update()) return null;
      const task = store.tasks.find(task_id);
      return task === null ? null : persist(task_id, [...said, stateEvent(task)]);
    });
    if (news === null) return false;
    // What does not run has no frame to show.
    if (to !== 'RUNNING') events.forgetFrame(task_id);
    events.publish(task_id, news);
    return true;
  };

  const tellQueued = (): void => {
    for (const listener of queuedListeners) listener();
  };

  const waitAgain = ({ task_id, status }: TaskRow, attempts_given_back: 0 | 1, said: TaskEvent): void => {
    const requeue = (): boolean => {
      const isRequeued = store.tasks.requeue(task_id, status, attempts_given_back);
      if (isRequeued) store.history.forgetSteps(task_id);
      return isRequeued;
    };
    if (move(task_id, status, 'QUEUED', requeue, [said])) tellQueued();
  };

  const failAttempt = (task: TaskRow, error: TaskError): void => {
    const { task_id, status, attempts, max_attempts } = task;
    const context = { error_type: error.type, attempt: attempts, max_attempts };
    const isMachineFailure = RETRIED_ERRORS.includes(error.type);
    if (!isMachineFailure || attempts >= max_attempts) {
      // A calculation that failed has said why in its own log lines.
      const said = isMachineFailure ? [logEvent('ERROR', `No attempt is left: ${error.message}`, context)] : [];
      move(task_id, status, 'FAILED', () => store.tasks.fail(task_id, status, timestamp(), error), said);
      return;
    }
    const lost = `Attempt ${attempts} of ${max_attempts} was lost, the task waits again: ${error.message}`;
    waitAgain(task, 0, logEvent('WARNING', lost, context));
  };

  return {
    submit: (newTask) => {
      // One commit; nobody can listen to a task whose id nobody has.
      const task = store.transaction(() => {
        const inserted = store.tasks.insertPending(newTask);
        store.tasks.enqueue(inserted.task_id);
        return inserted;
      });
      tellQueued();
      return task;
    },

    claim: (slot) => {
      const claimed = store.transaction(() => {
        const task = store.tasks.claim(slot);
        if (task === null) return null;
        const line = `Assigned to ${slot.device}, attempt ${task.attempts} of ${task.max_attempts}.`;
        const context = { slot_id: slot.slot_id, gpu_id: slot.gpu_id };
        return { task, news: persist(task.task_id, [logEvent('INFO', line, context), stateEvent(task)]) };
      });
      if (claimed === null) return null;
      events.publish(claimed.task.task_id, claimed.news);
      return claimed.task;
    },

    start: (task_id) => move(task_id, 'ASSIGNED', 'RUNNING', () => store.tasks.start(task_id, timestamp())),

    record: (task_id, news) => {
      const isRunning = store.tasks.find(task_id)?.status === 'RUNNING';
      // The state is this side's word alone.
      record(
        task_id,
        news.filter((event) => event.type === 'log' || (isRunning && event.type !== 'state')),
      );
    },

    complete: (task_id, execution_time_seconds) =>
      move(task_id, 'RUNNING', 'COMPLETED', () => store.tasks.complete(task_id, timestamp(), execution_time_seconds)),

    fail: (task_id, error) => {
      const task = store.tasks.find(task_id);
      if (task !== null && !isFinalStatus(task.status)) failAttempt(task, error);
    },

    putBack: (task_id) => {
      const task = store.tasks.find(task_id);
      if (task === null || (task.status !== 'ASSIGNED' && task.status !== 'RUNNING')) return;
      waitAgain(task, 1, logEvent('INFO', 'The service stops; the task starts again with it.'));
    },

    cancel: (task_id) => {
      const from = store.tasks.find(task_id)?.status;
      if (from === undefined || isFinalStatus(from)) return null;
      const said = [logEvent('INFO', `Cancelled by the user while ${from}.`)];
      const update = (): boolean => store.tasks.cancel(task_id, from, timestamp());
      return move(task_id, from, 'CANCELLED', update, said) ? from : null;
    },

    reconcile: () => {
      for (const { task_id } of store.tasks.withStatus('PENDING')) {
        move(task_id, 'PENDING', 'QUEUED', () => store.tasks.enqueue(task_id));
      }
      for (const status of ['ASSIGNED', 'RUNNING'] as const) {
        for (const task of store.tasks.withStatus(status)) {
          failAttempt(task, {
            type: 'TaskProcessCrashed',
            message: 'The service ended while the task was under way.',
            details: { attempt: task.attempts },
          });
        }
      }
    },

    log: (task_id, level, message, context) => {
      record(task_id, [logEvent(level, message, context)]);
    },

    estimateWaitSeconds: (priority, n_slots) =>
      estimateWaitSeconds(
        store.tasks.workloadAhead(priorityRank(priority)),
        ({ model, task_type }) => store.tasks.measurements(model, task_type, MEASUREMENTS_FOR_ESTIMATE),
        n_slots,
        now(),
      ),

    onQueued: (listener) => {
      queuedListeners.push(listener);
    },
  };
}

/** CRITICAL 3 .. LOW 0, as the table's generated column has it. */
function priorityRank(priority: Priority): number {
  return prioritySchema.options.length - 1 - prioritySchema.options.indexOf(priority);
}
