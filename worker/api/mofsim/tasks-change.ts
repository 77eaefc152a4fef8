// What happens to tasks that exist: cancelling, changing, deleting, exporting.
import { pipeline } from 'node:stream/promises';
import {
  batchCancelReceiptSchema,
  batchCancelSchema,
  cancelReceiptSchema,
  deleteReceiptSchema,
  taskChangesSchema,
  taskSchema,
} from '../../../contracts/task.ts';
import { auditOthersTask } from '../../service/audit.ts';
import type { Audit } from '../../service/audit.ts';
import type { TaskService } from '../../service/task-service.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface TaskChangeRouteParts {
  tasks: TaskService;
  audit: Audit;
}

const CHANGE = { tag: 'tasks', scope: 'submit', limit: 'other' } as const;

export function createTaskChangeRoutes({ tasks, audit }: TaskChangeRouteParts): Route[] {
  return [
    route(
      {
        ...CHANGE,
        method: 'post',
        path: '/tasks/{task_id}/cancel',
        operation: 'cancelTask',
        summary: { zh: '取消任务', en: 'Cancel a task' },
        response: cancelReceiptSchema,
        message: 'cancelled',
        errors: [40401, 40902, 40903],
      },
      ({ caller, params: { task_id } }) => {
        const task = tasks.row(caller.owner, task_id);
        const receipt = tasks.cancel(caller.owner, task_id);
        auditOthersTask(audit, caller, 'task.cancelled', task);
        return receipt;
      },
    ),
    route(
      {
        ...CHANGE,
        method: 'post',
        path: '/tasks/batch/cancel',
        operation: 'cancelBatch',
        summary: { zh: '批量取消任务', en: 'Cancel many tasks, by their ids or by a filter' },
        body: batchCancelSchema,
        response: batchCancelReceiptSchema,
        message: 'cancelled',
        errors: [40001, 40003, 40004],
      },
      async ({ caller, body }) => {
        const receipt = await tasks.cancelMany(caller.owner, body);
        for (const { task_id } of receipt.cancelled) {
          auditOthersTask(audit, caller, 'task.cancelled', tasks.row(caller.owner, task_id));
        }
        return receipt;
      },
    ),
    route(
      {
        ...CHANGE,
        method: 'patch',
        path: '/tasks/{task_id}',
        operation: 'changeTask',
        summary: { zh: '修改任务', en: 'Change name and tags, and the priority while the task waits' },
        body: taskChangesSchema,
        response: taskSchema,
        message: 'changed',
        errors: [40001, 40003, 40004, 40006, 40401, 40901, 40902],
      },
      ({ caller, params, body }) => tasks.change(caller.owner, params.task_id, body),
    ),
    route(
      {
        ...CHANGE,
        method: 'delete',
        path: '/tasks/{task_id}',
        operation: 'deleteTask',
        summary: { zh: '删除任务', en: 'Delete a task that has ended, and its files' },
        response: deleteReceiptSchema,
        message: 'deleted',
        errors: [40401, 40901, 40905],
      },
      async ({ caller, params }) => {
        const task = tasks.row(caller.owner, params.task_id);
        await tasks.remove(caller.owner, params.task_id);
        auditOthersTask(audit, caller, 'task.deleted', task);
        return { task_id: params.task_id };
      },
    ),
    rawRoute(
      {
        method: 'get',
        tag: 'tasks',
        scope: 'read',
        limit: 'other',
        path: '/tasks/{task_id}/export',
        operation: 'exportTask',
        summary: {
          zh: '导出任务',
          en: 'A zip with everything that the task was given and left, enough to run it again',
        },
        media_type: 'application/zip',
        errors: [40401, 40901],
      },
      async ({ caller, params, response }) => {
        const { filename, content } = await tasks.exportTask(caller.owner, params.task_id);
        response.attachment(filename);
        response.setHeader('Content-Type', 'application/zip');
        // An archive that breaks off ends the connection, so that nobody takes it for a whole one.
        await pipeline(content, response).catch(ignoreDeparture);
      },
    ),
  ];
}

/** A client that goes away in the middle is no failure of ours. */
function ignoreDeparture(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
  throw error;
}
