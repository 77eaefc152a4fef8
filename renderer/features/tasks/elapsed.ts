import type { Task } from '../../../contracts/task.ts';
import { isFinalStatus } from '../../../contracts/task-status.ts';

type Timed = Pick<Task, 'status' | 'started_at' | 'finished_at' | 'execution_time_seconds'>;

/** Run time of a task so far, s; null when it has never started. */
export function elapsedSeconds(task: Timed, now: Date): number | null {
  if (task.execution_time_seconds !== null) return task.execution_time_seconds;
  if (task.started_at === null) return null;
  if (isFinalStatus(task.status) && task.finished_at === null) return null;
  const end = task.finished_at === null ? now.getTime() : Date.parse(task.finished_at);
  return Math.max(0, (end - Date.parse(task.started_at)) / 1000);
}
