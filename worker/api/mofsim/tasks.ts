// /tasks: lists, one task, what it left. Submissions are in tasks-submit.ts, what changes tasks in tasks-change.ts.
import { logQuerySchema, logsSchema } from '../../../contracts/log.ts';
import { structureGeometrySchema } from '../../../contracts/structure.ts';
import type { taskFileSchema } from '../../../contracts/task.ts';
import {
  taskListQuerySchema,
  taskListSchema,
  taskResultSchema,
  taskSchema,
  taskStructureQuerySchema,
} from '../../../contracts/task.ts';
import type { z } from 'zod';
import type { TaskEvents } from '../../queue/task-events.ts';
import { trajectoryPageSchema, trajectoryQuerySchema } from '../../../contracts/trajectory.ts';
import { listTaskFiles } from '../../service/task-files.ts';
import { readTaskFrames } from '../../service/task-frames.ts';
import type { Store } from '../../store/store.ts';
import { streamTaskEvents } from './stream-task-events.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';
import { createTaskChangeRoutes } from './tasks-change.ts';
import type { TaskChangeRouteParts } from './tasks-change.ts';
import { createSubmissionRoutes } from './tasks-submit.ts';

export interface TaskRouteParts extends TaskChangeRouteParts {
  store: Store;
  events: TaskEvents;
}

const READ = { method: 'get', tag: 'tasks', scope: 'read', limit: 'status' } as const;

export function createTaskRoutes(parts: TaskRouteParts): Route[] {
  return [
    ...createSubmissionRoutes(parts),
    ...readingRoutes(parts),
    ...resultRoutes(parts),
    ...createTaskChangeRoutes(parts),
  ];
}

function readingRoutes({ tasks, store, events }: TaskRouteParts): Route[] {
  return [
    route(
      {
        ...READ,
        path: '/tasks',
        operation: 'listTasks',
        summary: { zh: '批量查询任务', en: 'Tasks, newest first' },
        query: taskListQuerySchema,
        response: taskListSchema,
        errors: [40003, 40004],
      },
      ({ caller, query }) => {
        const { tasks: found, total } = tasks.list(caller.owner, query);
        const { page, page_size } = query;
        return { tasks: found, pagination: { total, page, page_size, total_pages: Math.ceil(total / page_size) } };
      },
    ),
    route(
      {
        ...READ,
        path: '/tasks/{task_id}',
        operation: 'getTask',
        summary: { zh: '查询任务状态', en: 'A task' },
        response: taskSchema,
        errors: [40401],
      },
      ({ caller, params }) => tasks.get(caller.owner, params.task_id),
    ),
    route(
      {
        ...READ,
        path: '/tasks/{task_id}/logs',
        operation: 'getTaskLogs',
        summary: { zh: '获取任务日志', en: 'The log of a task, oldest first' },
        query: logQuerySchema,
        response: logsSchema,
        errors: [40003, 40004, 40401],
      },
      ({ caller, params, query: { level = 'DEBUG', limit, offset } }) =>
        tasks.logs(caller.owner, params.task_id, level, limit, offset),
    ),
    rawRoute(
      {
        ...READ,
        path: '/tasks/{task_id}/events',
        operation: 'streamTaskEvents',
        tag: 'events',
        summary: { zh: '任务事件流', en: 'Server-sent events of a task' },
        media_type: 'text/event-stream',
        errors: [40401],
      },
      ({ caller, params, request, response }) => {
        const { task_id } = tasks.get(caller.owner, params.task_id);
        const currentState = () => {
          const { status, progress, error } = tasks.get(caller.owner, task_id);
          return { type: 'state' as const, status, progress, error };
        };
        streamTaskEvents(request, response, { task_id, history: store.history, events, currentState });
      },
    ),
  ];
}

function resultRoutes({ tasks, store }: TaskRouteParts): Route[] {
  const outputFiles = async (task_id: string): Promise<z.infer<typeof taskFileSchema>[]> => {
    const files = await listTaskFiles(store.taskFolder(task_id));
    return files.map((file) => ({ ...file, url: `/files/${task_id}/${file.filename}` }));
  };
  return [
    route(
      {
        ...READ,
        path: '/tasks/{task_id}/result',
        operation: 'getTaskResult',
        summary: { zh: '获取任务结果', en: 'The result of a completed task' },
        response: taskResultSchema,
        errors: [40401, 40404],
      },
      async ({ caller, params }) => {
        const { task, result } = await tasks.result(caller.owner, params.task_id);
        const { task_id, task_type, execution_time_seconds, metrics } = task;
        const output_files = await outputFiles(task_id);
        return {
          task_id,
          task_type,
          result,
          execution_time_seconds: execution_time_seconds ?? 0,
          metrics,
          output_files,
        };
      },
    ),
    route(
      {
        ...READ,
        path: '/tasks/{task_id}/frames',
        operation: 'getTaskFrames',
        summary: { zh: '获取轨迹帧', en: 'Frames of the trajectory of a task, also while it is written' },
        query: trajectoryQuerySchema,
        response: trajectoryPageSchema,
        errors: [40003, 40004, 40401, 40405],
      },
      ({ caller, params, query }) => {
        const { task_id } = tasks.get(caller.owner, params.task_id);
        return readTaskFrames(store.taskFolder(task_id), query);
      },
    ),
    route(
      {
        ...READ,
        path: '/tasks/{task_id}/structure',
        operation: 'getTaskStructure',
        summary: { zh: '任务的结构', en: 'The structure as submitted, or as the completed task left it' },
        query: taskStructureQuerySchema,
        response: structureGeometrySchema,
        errors: [40004, 40401, 40404],
      },
      ({ caller, params, query }) => tasks.geometry(caller.owner, params.task_id, query.stage),
    ),
  ];
}
