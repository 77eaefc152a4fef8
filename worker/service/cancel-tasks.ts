// Cancelling one task, or all that a filter finds.
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { batchCancelReceiptSchema, batchCancelSchema, cancelReceiptSchema } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import type { Pool } from '../pool/pool.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';

type CancelReceipt = z.infer<typeof cancelReceiptSchema>;
type BatchCancelReceipt = z.infer<typeof batchCancelReceiptSchema>;
type CancelFilter = z.infer<typeof batchCancelSchema>;

const OPEN: readonly TaskStatus[] = ['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING'];
const PAGE = 500;
const CANCELLED_AT_ONCE = 50;

export interface CancelTasks {
  /** @throws ServiceError 40902 | 40903 */
  cancel(task: TaskRow): CancelReceipt;
  /** Ids that do not exist are refused by name; a filter finds what it finds. */
  cancelMany(owner: string, filter: CancelFilter): Promise<BatchCancelReceipt>;
}

export interface CancelParts {
  store: Store;
  queue: Queue;
  pool: Pick<Pool, 'cancel'>;
}

export function createCancelTasks({ store, queue, pool }: CancelParts): CancelTasks {
  const leave = ({ task_id, status }: TaskRow): CancelReceipt => {
    const previous_status = queue.cancel(task_id);
    if (previous_status === null) {
      const now = store.tasks.find(task_id)?.status ?? status;
      const message = `The task is ${now} and cannot be cancelled any more.`;
      throw new ServiceError(now === 'CANCELLED' ? 40903 : 40902, { message, task_id, status: now });
    }
    return { task_id, previous_status, current_status: 'CANCELLED' };
  };

  /** Found before the first is cancelled: cancelling changes what a filter finds. */
  const openTasks = (owner: string, { batch_id, tag, status }: CancelFilter): TaskRow[] =>
    (status === undefined ? OPEN : [status]).flatMap((each) => {
      const found: TaskRow[] = [];
      for (let isLast = false; !isLast;) {
        const page = store.tasks.list({ owner, batch_id, tag, status: each }, PAGE, found.length);
        found.push(...page);
        isLast = page.length < PAGE;
      }
      return found;
    });

  const leaveOrRefuse = (task: TaskRow, receipt: BatchCancelReceipt): void => {
    try {
      const { task_id, previous_status } = leave(task);
      receipt.cancelled.push({ task_id, previous_status });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      receipt.refused.push({ task_id: task.task_id, code: error.code });
    }
  };

  return {
    cancel: (task) => {
      const receipt = leave(task);
      pool.cancel(receipt.task_id);
      return receipt;
    },
    cancelMany: async (owner, filter) => {
      const receipt: BatchCancelReceipt = { cancelled: [], refused: [] };
      const tasks: TaskRow[] = [];
      for (const task_id of new Set(filter.task_ids)) {
        const task = store.tasks.find(task_id);
        if (task?.owner !== owner) receipt.refused.push({ task_id, code: 40401 });
        else if (matches(task, filter)) tasks.push(task);
      }
      if (filter.task_ids === undefined) tasks.push(...openTasks(owner, filter));
      for (let first = 0; first < tasks.length; first += CANCELLED_AT_ONCE) {
        const some = tasks.slice(first, first + CANCELLED_AT_ONCE);
        queue.together(() => {
          for (const task of some) leaveOrRefuse(task, receipt);
        });
        for (const { task_id } of some) pool.cancel(task_id);
        // Whoever else asks meanwhile is answered in between.
        await setImmediate();
      }
      return receipt;
    },
  };
}

function matches(task: TaskRow, { batch_id, tag, status }: CancelFilter): boolean {
  return (
    (batch_id === undefined || task.batch_id === batch_id) &&
    (tag === undefined || task.tags.includes(tag)) &&
    (status === undefined || task.status === status)
  );
}
