// The states of a task and the only legal moves between them. Everything that changes a status asks this table.
import { z } from 'zod';

export const taskStatusSchema = z.enum([
  'PENDING',
  'QUEUED',
  'ASSIGNED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
]);
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** From -> allowed targets. ASSIGNED/RUNNING -> QUEUED is recovery after a crash; the task's log says so. */
export const TASK_TRANSITIONS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  PENDING: ['QUEUED', 'FAILED', 'CANCELLED'],
  QUEUED: ['ASSIGNED', 'CANCELLED'],
  ASSIGNED: ['RUNNING', 'CANCELLED', 'FAILED', 'QUEUED'],
  RUNNING: ['COMPLETED', 'FAILED', 'TIMEOUT', 'CANCELLED', 'QUEUED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
  TIMEOUT: [],
};

export function isFinalStatus(status: TaskStatus): boolean {
  return TASK_TRANSITIONS[status].length === 0;
}

export function isLegalTransition(from: TaskStatus, to: TaskStatus): boolean {
  return TASK_TRANSITIONS[from].includes(to);
}
