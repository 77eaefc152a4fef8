// What the queue does, as events of the service: moves, progress, pauses. Progress is thinned: a list shows it, nobody plots it.
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Queue } from '../queue/queue.ts';
import type { TaskEvents } from '../queue/task-events.ts';
import type { ServiceEvents } from './service-events.ts';

const PROGRESS_INTERVAL_MS = 1000;

interface Followed {
  owner: string;
  status: TaskStatus;
  toldAt: number;
}

export interface FollowTasksParts {
  queue: Pick<Queue, 'onMove'>;
  events: Pick<TaskEvents, 'subscribeToAll'>;
  serviceEvents: ServiceEvents;
  /** Milliseconds since any fixed moment, never falling. */
  elapsedMs: () => number;
}

export function followTasks({ queue, events, serviceEvents, elapsedMs }: FollowTasksParts): void {
  const running = new Map<string, Followed>();

  queue.onMove(({ task_id, owner, status, progress }, previous_status) => {
    if (status === 'RUNNING') running.set(task_id, { owner, status, toldAt: elapsedMs() });
    else running.delete(task_id);
    serviceEvents.publish(owner, { type: 'task', task_id, status, progress, previous_status });
  });

  events.subscribeToAll((task_id, news) => {
    const progress = news.findLast(({ event }) => event.type === 'progress')?.event;
    const task = running.get(task_id);
    if (progress?.type !== 'progress' || task === undefined) return;
    const now = elapsedMs();
    if (now - task.toldAt < PROGRESS_INTERVAL_MS) return;
    task.toldAt = now;
    const { owner, status } = task;
    const { progress: reached } = progress;
    serviceEvents.publish(owner, { type: 'task', task_id, status, progress: reached, previous_status: status });
  });
}

/** The queue, with its pauses told. */
export function tellPauses(queue: Queue, serviceEvents: ServiceEvents): Queue {
  const told = (is_paused: boolean, change: () => void) => () => {
    change();
    serviceEvents.publish(null, { type: 'queue', is_paused });
  };
  return {
    ...queue,
    pause: told(true, () => {
      queue.pause();
    }),
    resume: told(false, () => {
      queue.resume();
    }),
  };
}
