// What the window knows of a task from its event stream: one value, grown batch by batch. Pure; the hook lives in use-task-feed.ts.
import type { FrameEvent, StepEvent, TaskEvent } from '../../contracts/event.ts';
import type { LogLine } from '../../contracts/log.ts';
import type { TaskError } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';

/** Older lines stay with the service, under /tasks/{task_id}/logs. */
export const MAX_LOG_LINES = 20_000;

export interface TaskFeed {
  readonly status: TaskStatus | null;
  readonly progress: number | null;
  readonly error: TaskError | null;
  /** One of the stages of the task's type; null before the first. */
  readonly stage: string | null;
  readonly steps: readonly StepEvent[];
  readonly logs: readonly LogLine[];
  /** Log lines left out at the front, because only the last MAX_LOG_LINES are kept. */
  readonly n_logs_dropped: number;
  readonly frame: FrameEvent | null;
}

export const EMPTY_FEED: TaskFeed = {
  status: null,
  progress: null,
  error: null,
  stage: null,
  steps: [],
  logs: [],
  n_logs_dropped: 0,
  frame: null,
};

/** A step that starts again (a retried task) replaces what came after it. */
function appendStep(steps: StepEvent[], step: StepEvent): void {
  while (steps.length > 0 && (steps.at(-1)?.step ?? 0) >= step.step) steps.pop();
  steps.push(step);
}

export function applyEvents(feed: TaskFeed, events: readonly TaskEvent[]): TaskFeed {
  if (events.length === 0) return feed;
  const next = { ...feed };
  const steps = events.some((event) => event.type === 'step') ? [...feed.steps] : null;
  const logs = events.some((event) => event.type === 'log') ? [...feed.logs] : null;
  for (const event of events) {
    switch (event.type) {
      case 'state':
        next.status = event.status;
        next.progress = event.progress;
        next.error = event.error;
        break;
      case 'stage':
        next.stage = event.stage;
        break;
      case 'progress':
        next.progress = event.progress;
        break;
      case 'step':
        if (steps !== null) appendStep(steps, event);
        break;
      case 'frame':
        next.frame = event;
        break;
      case 'log':
        logs?.push({
          timestamp: event.timestamp,
          level: event.level,
          message: event.message,
          context: event.context,
        });
        break;
    }
  }
  if (steps !== null) next.steps = steps;
  if (logs !== null) {
    const n_dropped = Math.max(0, logs.length - MAX_LOG_LINES);
    next.logs = n_dropped > 0 ? logs.slice(n_dropped) : logs;
    next.n_logs_dropped = feed.n_logs_dropped + n_dropped;
  }
  return next;
}
