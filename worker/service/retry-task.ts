// What a task was submitted with, from its row.
import { ServiceError } from '../../contracts/error-code.ts';
import type { TaskSubmission } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { SecretBox } from '../webhooks/secret-box.ts';

/**
 * The same once more. It waits only for those dependencies that are still open: the others have had their say.
 *
 * @throws ServiceError 40901 for a task that has not ended | 50004 when its webhook_secret cannot be read
 */
export function retrySubmission(store: Store, secrets: Pick<SecretBox, 'open'>, task: TaskRow): TaskSubmission {
  const { task_id, status } = task;
  if (!isFinalStatus(status)) {
    const message = `The task is ${status}; only a task that has ended can be tried again.`;
    throw new ServiceError(40901, { message, task_id, status });
  }
  return {
    task_type: task.task_type,
    model: task.model,
    structure: task.structure_source,
    parameters: task.parameters,
    priority: task.priority,
    with_d3: task.with_d3,
    max_attempts: task.max_attempts,
    tags: task.tags,
    depends_on: task.depends_on.filter((other) => isOpen(store, other)),
    ...given('timeout', task.timeout_seconds),
    ...given('name', task.name),
    ...given('webhook_url', task.webhook_url),
    ...given('webhook_secret', task.webhook_secret === null ? null : opened(secrets, task.webhook_secret)),
  };
}

/** @throws ServiceError 50004 */
function opened(secrets: Pick<SecretBox, 'open'>, sealed: string): string {
  const secret = secrets.open(sealed);
  if (secret !== null) return secret;
  const message =
    'The webhook_secret of the task cannot be read, because its key is gone. Submit it anew, with the secret.';
  throw new ServiceError(50004, { message, field: 'webhook_secret' });
}

function isOpen(store: Store, task_id: string): boolean {
  const status = store.tasks.find(task_id)?.status;
  return status !== undefined && !isFinalStatus(status);
}

function given<Name extends string, Value>(name: Name, value: Value | null): Partial<Record<Name, Value>> {
  const field: Partial<Record<Name, Value>> = {};
  if (value !== null) field[name] = value;
  return field;
}
