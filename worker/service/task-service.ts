// What can be done with tasks, for any dialect of the API. Knows no HTTP and no envelope.
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import type { LogLevel, LogLine } from '../../contracts/log.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import type {
  batchCancelReceiptSchema,
  batchCancelSchema,
  batchReceiptSchema,
  cancelReceiptSchema,
  submissionReceiptSchema,
  Task,
  TaskChanges,
  TaskListQuery,
  TaskStructureStage,
  TaskSubmission,
} from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { Pool } from '../pool/pool.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { createCancelTasks } from './cancel-tasks.ts';
import type { Caller } from './credentials.ts';
import type { ExportTask, TaskExport } from './export-task.ts';
import { createId } from './ids.ts';
import type { InputFiles } from './input-files.ts';
import { createTaskRemoval } from './remove-task.ts';
import { retrySubmission } from './retry-task.ts';
import { createSubmitTasks } from './submit-tasks.ts';
import type { SubmissionParts } from './submit-tasks.ts';
import { toTask } from './task-document.ts';
import type { TaskResults } from './task-results.ts';

export type SubmissionReceipt = z.infer<typeof submissionReceiptSchema>;
export type BatchReceipt = z.infer<typeof batchReceiptSchema>;

export interface TaskService {
  /**
   * @param keep called with the receipt inside the transaction of the submission
   * @throws ServiceError 40008 | 4040x | 4220x | 50301 | 50303 | 50304
   */
  submit(
    caller: Caller,
    submission: TaskSubmission,
    keep?: (receipt: SubmissionReceipt) => void,
  ): Promise<SubmissionReceipt>;
  /** All or none. @throws ServiceError as `submit`, `details.errors` names each by its index */
  submitBatch(
    caller: Caller,
    submissions: readonly TaskSubmission[],
    keep?: (receipt: BatchReceipt) => void,
  ): Promise<BatchReceipt>;
  /** A new task with the inputs of one that has ended. @throws ServiceError 40401 | 40901, and as `submit` */
  retry(caller: Caller, task_id: string): Promise<{ new_task_id: string; original_task_id: string }>;
  /** @throws ServiceError 40401 */
  get(owner: string, task_id: string): Task;
  list(owner: string, query: TaskListQuery): { tasks: Task[]; total: number };
  /** @throws ServiceError 40401 | 40404 */
  result(owner: string, task_id: string): Promise<{ task: Task; result: Record<string, unknown> }>;
  logs(
    owner: string,
    task_id: string,
    level: LogLevel,
    limit: number,
    offset: number,
  ): { logs: LogLine[]; total: number };
  /** @throws ServiceError 40401 | 40902 | 40903 */
  cancel(owner: string, task_id: string): z.infer<typeof cancelReceiptSchema>;
  cancelMany(
    owner: string,
    filter: z.infer<typeof batchCancelSchema>,
  ): Promise<z.infer<typeof batchCancelReceiptSchema>>;
  /** @throws ServiceError 40401 | 40901 | 40902 for a priority that comes too late */
  change(owner: string, task_id: string, changes: TaskChanges): Task;
  /** Rows and files of a task that has ended. @throws ServiceError 40401 | 40901 | 40905 */
  remove(owner: string, task_id: string): Promise<void>;
  /** As `remove`, of those that can be. @returns how many @throws ServiceError 40901 */
  removeMany(tasks: readonly TaskRow[]): Promise<number>;
  /** @throws ServiceError 40401 | 40404 for the final structure of a task that is not COMPLETED */
  geometry(owner: string, task_id: string, stage: TaskStructureStage): Promise<StructureGeometry>;
  /** @throws ServiceError 40401 | 40901 for a task that has not ended */
  exportTask(owner: string, task_id: string): Promise<TaskExport>;
  /** The row itself, for the parts of the service. @throws ServiceError 40401 */
  row(owner: string, task_id: string): TaskRow;
  /** Before anything else happens to tasks: ends what a crash interrupted. */
  start(): Promise<void>;
}

export interface TaskServiceParts extends SubmissionParts {
  store: Store;
  queue: Queue;
  pool: Pick<Pool, 'status' | 'cancel'>;
  results: TaskResults;
  inputFiles: Pick<InputFiles, 'forgetUnneeded' | 'start'>;
  exportTask: ExportTask;
  /** Called after its name, its tags or its priority has changed. */
  onChanged: (owner: string, task: Task) => void;
  /** Called after a task is gone. */
  onRemoved: (owner: string, task_id: string) => void;
}

export function createTaskService(parts: TaskServiceParts): TaskService {
  const { store, queue, pool, results } = parts;
  const submitTasks = createSubmitTasks(parts);
  const removal = createTaskRemoval(store, queue, parts.inputFiles);
  const cancelTasks = createCancelTasks({ store, queue, pool });
  const slots = (): number => pool.status().slots.length;

  const row = (owner: string, task_id: string): TaskRow => {
    const found = store.tasks.find(task_id);
    if (found?.owner !== owner) throw new ServiceError(40401, { task_id });
    return found;
  };

  const toTasks = (rows: readonly TaskRow[]): Task[] => {
    const waits = queue.estimateWaits(rows, slots());
    return rows.map((task) =>
      toTask(task, {
        estimated_wait_seconds: waits.get(task.task_id) ?? null,
        estimated_remaining_seconds: queue.estimateRemainingSeconds(task),
      }),
    );
  };

  const get = (owner: string, task_id: string): Task => {
    const [task] = toTasks([row(owner, task_id)]);
    if (task === undefined) throw new Error('One row makes one task.');
    return task;
  };

  /** Who waits for a device should read why. Inside the submission: one commit for all. */
  const warnOfMissingDevice = (rows: readonly TaskRow[]): void => {
    const { problem } = pool.status();
    if (problem === null) return;
    for (const { task_id } of rows) queue.log(task_id, 'WARNING', `No device is ready, the task waits. ${problem}`);
  };

  return {
    row,
    get,

    submit: async (caller, submission, keep) => {
      const estimated_wait_seconds = queue.estimateWaitSeconds(submission.priority, slots());
      const receiptOf = ([first]: readonly TaskRow[]): SubmissionReceipt => {
        if (first === undefined) throw new Error('One submission makes one task.');
        return { task_id: first.task_id, status: first.status, estimated_wait_seconds };
      };
      return receiptOf(
        await submitTasks(caller, [submission], {
          keep: (rows) => {
            warnOfMissingDevice(rows);
            keep?.(receiptOf(rows));
          },
        }),
      );
    },

    submitBatch: async (caller, submissions, keep) => {
      const batch_id = createId('batch');
      const receiptOf = (rows: readonly TaskRow[]): BatchReceipt => {
        const tasks = rows.map(({ task_id, status }) => ({ task_id, status }));
        return { batch_id, tasks, total: tasks.length };
      };
      return receiptOf(
        await submitTasks(caller, submissions, {
          batch_id,
          keep: (rows) => {
            warnOfMissingDevice(rows);
            keep?.(receiptOf(rows));
          },
        }),
      );
    },

    retry: async (caller, task_id) => {
      const original = row(caller.owner, task_id);
      const submission = retrySubmission(store, parts.secrets, original);
      const [task] = await submitTasks(caller, [submission], { retry_of: task_id, input: await inputOf(original) });
      if (task === undefined) throw new Error('One submission makes one task.');
      return { new_task_id: task.task_id, original_task_id: task_id };
    },

    list: (owner, { page, page_size, created_after, created_before, ...filter }) => {
      const query = { owner, ...filter, created_after: inUtc(created_after), created_before: inUtc(created_before) };
      const { rows, total } = store.tasks.page(query, page_size, (page - 1) * page_size);
      return { tasks: toTasks(rows), total };
    },

    result: async (owner, task_id) => {
      const task = row(owner, task_id);
      return { result: await results.result(task), task: get(owner, task_id) };
    },

    logs: (owner, task_id, level, limit, offset) => {
      row(owner, task_id);
      return {
        logs: store.history.logs(task_id, level, limit, offset),
        total: store.history.countLogs(task_id, level),
      };
    },

    cancel: (owner, task_id) => cancelTasks.cancel(row(owner, task_id)),
    cancelMany: (owner, filter) => cancelTasks.cancelMany(owner, filter),

    change: (owner, task_id, changes) => {
      const task = row(owner, task_id);
      if (changes.priority !== undefined) refuseLatePriority(task);
      store.taskChanges.change(task_id, changes);
      if (changes.priority !== undefined) queue.reconsider();
      const changed = get(owner, task_id);
      parts.onChanged(owner, changed);
      return changed;
    },

    remove: async (owner, task_id) => {
      await removal.remove(row(owner, task_id));
      parts.onRemoved(owner, task_id);
    },

    removeMany: async (tasks) => {
      const removed = await removal.removeMany(tasks);
      for (const { owner, task_id } of removed) parts.onRemoved(owner, task_id);
      return removed.length;
    },

    exportTask: (owner, task_id) => parts.exportTask(row(owner, task_id), get(owner, task_id)),

    geometry: async (owner, task_id, stage) => {
      const task = row(owner, task_id);
      return stage === 'submitted' ? results.input(task) : results.final(task);
    },

    start: async () => {
      await removal.finishInterrupted();
      await parts.inputFiles.start();
    },
  };

  /** Its own copy, because an upload may be gone since. */
  async function inputOf(task: TaskRow) {
    if (task.n_atoms === null) return undefined;
    return { source: task.structure_source, name: task.structure_name, geometry: await results.input(task) };
  }
}

function refuseLatePriority({ task_id, status }: TaskRow): void {
  if (status === 'PENDING' || status === 'QUEUED') return;
  const message = `The task is ${status}; its priority counts only while it waits.`;
  throw new ServiceError(isFinalStatus(status) ? 40902 : 40901, { message, field: 'priority', task_id, status });
}

/** As the store has it, so that text compares as time. */
function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
