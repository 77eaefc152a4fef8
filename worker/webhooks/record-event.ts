// From a move of a task to the delivery that tells its receiver. Runs inside the transaction of the move: the delivery is there
// exactly when the move is.
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { WebhookEventName } from '../../contracts/webhook.ts';
import type { TaskRow } from '../store/tasks.ts';
import type { NewDelivery, WebhookDeliveryStore, WebhookFacts } from '../store/webhook-deliveries.ts';
import { receiverOf } from './receiver.ts';

const EVENTS: Readonly<Partial<Record<TaskStatus, WebhookEventName>>> = {
  RUNNING: 'task.started',
  COMPLETED: 'task.completed',
  FAILED: 'task.failed',
  CANCELLED: 'task.cancelled',
  TIMEOUT: 'task.timeout',
};

export interface RecordEventParts {
  deliveries: WebhookDeliveryStore;
  createDeliveryId: () => string;
  now: () => Date;
}

/** A task that is tried again starts again, but `task.started` is told once. */
export function recordWebhookEvent(
  { deliveries, createDeliveryId, now }: RecordEventParts,
  task: TaskRow,
  previous: TaskStatus | null,
): void {
  const event = EVENTS[task.status];
  if (task.webhook_url === null || event === undefined || task.status === previous) return;
  deliveries.insert(deliveryOf(task, task.webhook_url, event, createDeliveryId(), now().toISOString()));
}

function deliveryOf(
  task: TaskRow,
  url: string,
  event: WebhookEventName,
  delivery_id: string,
  created_at: string,
): NewDelivery {
  return {
    delivery_id,
    owner: task.owner,
    task_id: task.task_id,
    event,
    redelivery_of: null,
    url,
    receiver: receiverOf(url),
    secret: task.webhook_secret,
    facts: factsOf(task, event, created_at),
    created_at,
  };
}

function factsOf(task: TaskRow, event: WebhookEventName, timestamp: string): WebhookFacts {
  return {
    event,
    task_id: task.task_id,
    status: task.status,
    timestamp,
    task_type: task.task_type,
    model: task.model,
    execution_time_seconds: task.execution_time_seconds,
    ...(task.error === null ? {} : { error: task.error }),
    ...(event === 'task.timeout' && task.timeout_seconds !== null ? { timeout_seconds: task.timeout_seconds } : {}),
  };
}
