// New tasks: what they may depend on, in which state they begin, and how many may wait.
import { ServiceError } from '../../contracts/error-code.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import { dependenciesOf } from '../store/tasks.ts';
import type { NewTask, QueuedAt, TaskRow } from '../store/tasks.ts';
import type { Dependants } from './dependants.ts';
import type { Moves } from './moves.ts';
import { sizeOf } from './work.ts';

export interface SubmissionParts {
  store: Store;
  moves: Moves;
  dependants: Dependants;
  queuedNow: () => QueuedAt;
  maxQueueSize: number;
}

/** All or none; committed in passing: whoever answers for it waits for `store.flush()` first. @throws ServiceError 40401 | 50303 */
export function submitTasks(parts: SubmissionParts, tasks: readonly NewTask[]): TaskRow[] {
  return parts.moves.together(() => {
    refuseFull(parts, tasks.length);
    const rows = tasks.map((task) => insert(parts, task));
    parts.store.tasks.makeSearchable(rows);
    return rows;
  }, 'in_passing');
}

function insert({ store, moves, dependants, queuedNow }: SubmissionParts, task: NewTask): TaskRow {
  const dependencies = dependenciesOf(task).map((task_id) => {
    const dependency = store.tasks.find(task_id);
    if (dependency !== null) return dependency;
    const message = `Task ${task_id} does not exist. A task may depend on earlier tasks only, in a batch on those before it.`;
    throw new ServiceError(40401, { message, task_id, field: 'depends_on' });
  });
  const isFree = dependencies.every(({ status }) => status === 'COMPLETED');
  const row = store.tasks.insert(
    task,
    sizeOf(task.task_type, task.parameters, task.n_atoms),
    isFree ? queuedNow() : null,
    'searchable_later',
  );
  moves.created(row);
  const lost = dependencies.find(({ status }) => isFinalStatus(status) && status !== 'COMPLETED');
  if (lost !== undefined) dependants.settle(lost.task_id);
  return row;
}

function refuseFull({ store, maxQueueSize }: SubmissionParts, n_new: number): void {
  const n_waiting = store.queuedWork
    .counts()
    .filter(({ status }) => status === 'PENDING' || status === 'QUEUED')
    .reduce((sum, { n }) => sum + n, 0);
  if (n_waiting + n_new <= maxQueueSize) return;
  const message = `${n_waiting} tasks wait already, ${maxQueueSize} may. Wait for some to end, or cancel some.`;
  throw new ServiceError(50303, { message, waiting: n_waiting, submitted: n_new, max_queue_size: maxQueueSize });
}
