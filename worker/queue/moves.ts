// A move of a task from one state to the next: the row, what is said about it, and what others write with it are one
// transaction; listeners are told after the commit.
import type { TaskEvent } from '../../contracts/event.ts';
import type { LogLevel } from '../../contracts/log.ts';
import { isLegalTransition } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { Numbered } from '../store/task-history.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { TaskEvents } from './task-events.ts';

/** @param previous the state that was left; null for a new task */
export type MoveListener = (task: TaskRow, previous: TaskStatus | null) => void;

export interface Moves {
  /**
   * @returns false when the row had left `from` already: nothing has changed
   * @throws Error when the table of transitions does not know the move: a mistake in this program
   */
  move(task_id: string, from: TaskStatus, to: TaskStatus, update: () => boolean, said?: readonly TaskEvent[]): boolean;
  /** A row that has just been inserted. */
  created(task: TaskRow): void;
  /** One transaction for all moves inside, told after it. */
  together<Result>(action: () => Result, durability?: Durability): Result;
  /** Numbers the events, keeps what is kept of them and tells them. */
  record(task_id: string, news: readonly TaskEvent[], attempt_seconds: number | null): void;
  logEvent(level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): TaskEvent;
  onMove(listener: MoveListener): void;
}

/** In passing: committed, and on disk with the next `store.flush()` or commit that waits for it. */
export type Durability = 'on_disk' | 'in_passing';

export interface MovesParts {
  store: Store;
  events: TaskEvents;
  now: () => Date;
  /** Called inside the transaction of every move. */
  inTransaction: readonly MoveListener[];
}

interface Told {
  task: TaskRow;
  previous: TaskStatus | null;
  news: readonly Numbered<TaskEvent>[];
}

export function createMoves({ store, events, now, inTransaction }: MovesParts): Moves {
  const listeners: MoveListener[] = [];
  let uncommitted: Told[] | null = null;

  const persist = (
    task_id: string,
    news: readonly TaskEvent[],
    attempt_seconds: number | null,
  ): Numbered<TaskEvent>[] => {
    const progress = Math.max(0, ...news.map((event) => (event.type === 'progress' ? event.progress : 0)));
    const stage = news.findLast((event) => event.type === 'stage')?.stage ?? null;
    const last = store.tasks.advance(task_id, news.length, { progress, stage, attempt_seconds });
    if (last === null) return [];
    const first = last - news.length + 1;
    return news.map((event, i) => {
      const sequence = first + i;
      if (event.type === 'step') store.history.addStep(task_id, sequence, event);
      if (event.type === 'log') store.history.addLog(task_id, sequence, event);
      return { sequence, event };
    });
  };

  const tell = ({ task, previous, news }: Told): void => {
    // What does not run has no frame to show.
    if (task.status !== 'RUNNING') events.forgetFrame(task.task_id);
    events.publish(task.task_id, news);
    for (const listener of listeners) listener(task, previous);
  };

  const together = <Result>(action: () => Result, durability: Durability = 'on_disk'): Result => {
    if (uncommitted !== null) return action();
    const told: Told[] = [];
    uncommitted = told;
    let result: Result;
    try {
      result = durability === 'on_disk' ? store.transaction(action) : store.transactionInPassing(action);
    } finally {
      uncommitted = null;
    }
    told.forEach(tell);
    return result;
  };

  const note = (told: Told): void => {
    for (const hook of inTransaction) hook(told.task, told.previous);
    uncommitted?.push(told);
  };

  return {
    move: (task_id, from, to, update, said = []) => {
      if (!isLegalTransition(from, to)) throw new Error(`A task may not go from ${from} to ${to} (${task_id}).`);
      return together(() => {
        if (!update()) return false;
        const task = store.tasks.find(task_id);
        if (task === null) return false;
        const { status, progress, error } = task;
        note({
          task,
          previous: from,
          news: persist(task_id, [...said, { type: 'state', status, progress, error }], null),
        });
        return true;
      });
    },

    created: (task) => {
      note({ task, previous: null, news: [] });
    },

    together,

    record: (task_id, news, attempt_seconds) => {
      if (news.length === 0) return;
      // Steps and log lines come by the dozen in a second; after a power cut the next attempt tells them again.
      events.publish(
        task_id,
        store.transactionInPassing(() => persist(task_id, news, attempt_seconds)),
      );
    },

    logEvent: (level, message, context = {}) => ({
      type: 'log',
      timestamp: now().toISOString(),
      level,
      message,
      context: { ...context },
    }),

    onMove: (listener) => {
      listeners.push(listener);
    },
  };
}
