// Queries on task_inputs: which files of structures are needed by tasks. Triggers keep the table.
import type { Connection } from './open-database.ts';

export interface TaskInputStore {
  isNeeded(sha256: string): boolean;
}

export function createTaskInputStore(connection: Connection): TaskInputStore {
  const find = connection.prepare('SELECT 1 FROM task_inputs WHERE sha256 = ?');
  return { isNeeded: (sha256) => find.get(sha256) !== undefined };
}
