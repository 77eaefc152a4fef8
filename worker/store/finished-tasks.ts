// How many tasks have ended since a time.
import { z } from 'zod';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Connection } from './open-database.ts';

export interface FinishedTaskStore {
  /** @param since ISO 8601 in UTC with milliseconds, as stored */
  countSince(status: TaskStatus, since: string): number;
}

export function createFinishedTaskStore(connection: Connection): FinishedTaskStore {
  const countSince = connection
    .prepare('SELECT count(*) FROM tasks WHERE status = :status AND finished_at >= :since')
    .pluck();
  return { countSince: (status, since) => z.int().parse(countSince.get({ status, since })) };
}
