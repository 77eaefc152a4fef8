// What waits for other tasks goes on or fails with them.
import type { TaskError } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { QueuedAt, TaskRow } from '../store/tasks.ts';
import type { Moves } from './moves.ts';

export interface Dependants {
  /** Those of a task that has ended, then theirs, and so on; inside the transaction of the end. */
  settle(ended: string): void;
}

export interface DependantsParts {
  store: Store;
  moves: Moves;
  timestamp: () => string;
  queuedNow: () => QueuedAt;
}

export function createDependants({ store, moves, timestamp, queuedNow }: DependantsParts): Dependants {
  /** @returns true when it has failed, and what waits for it is next */
  const settleOne = (dependant: string, dependency: TaskRow): boolean => {
    if (dependency.status === 'COMPLETED') {
      if (store.tasks.openDependencies(dependant) > 0) return false;
      moves.move(dependant, 'PENDING', 'QUEUED', () => store.tasks.enqueue(dependant, queuedNow()));
      return false;
    }
    const error = dependencyFailed(dependency);
    const update = () => store.tasks.fail(dependant, 'PENDING', timestamp(), error, false);
    return moves.move(dependant, 'PENDING', 'FAILED', update, [moves.logEvent('ERROR', error.message)]);
  };
  return {
    settle: (ended) => {
      // A list instead of a recursion: chains of dependencies may be long.
      const settled = [ended];
      for (let task_id = settled.pop(); task_id !== undefined; task_id = settled.pop()) {
        const dependency = store.tasks.find(task_id);
        if (dependency === null || !isFinalStatus(dependency.status)) continue;
        for (const dependant of store.tasks.dependants(task_id)) {
          if (settleOne(dependant, dependency)) settled.push(dependant);
        }
      }
    },
  };
}

function dependencyFailed({ task_id, status, error }: TaskRow): TaskError {
  return {
    type: 'DependencyFailed',
    message: `Task ${task_id}, which this one waits for, ended as ${status}.`,
    details: { task_id, status, error },
  };
}
