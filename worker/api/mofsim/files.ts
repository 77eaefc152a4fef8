// /files: what a task has written, listed and downloaded (ranges, ETag).
import { taskFilesSchema } from '../../../contracts/task.ts';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Caller } from '../../service/credentials.ts';
import { checkTaskFile, listTaskFiles } from '../../service/task-files.ts';
import type { TaskService } from '../../service/task-service.ts';
import type { Store } from '../../store/store.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface FileRouteParts {
  tasks: TaskService;
  store: Store;
}

const LIST = {
  method: 'get',
  tag: 'files',
  scope: 'read',
  limit: 'other',
  response: taskFilesSchema,
  errors: [40401],
} as const;

export function createFileRoutes({ tasks, store }: FileRouteParts): Route[] {
  const listFiles = async (caller: Caller, id: string) => {
    const { task_id } = tasks.get(caller.owner, id);
    const files = await listTaskFiles(store.taskFolder(task_id));
    return { files: files.map((file) => ({ ...file, url: `/files/${task_id}/${file.filename}` })) };
  };
  return [
    route(
      {
        ...LIST,
        path: '/files/{task_id}',
        operation: 'listFiles',
        summary: { zh: '获取任务文件列表', en: 'Files that a task has written' },
      },
      ({ caller, params }) => listFiles(caller, params.task_id),
    ),
    route(
      {
        ...LIST,
        path: '/tasks/{task_id}/files',
        operation: 'listTaskFiles',
        summary: { zh: '获取任务文件列表', en: 'Files that a task has written, below its own address' },
      },
      ({ caller, params }) => listFiles(caller, params.task_id),
    ),
    rawRoute(
      {
        method: 'get',
        path: '/files/{task_id}/{filename}',
        operation: 'downloadFile',
        tag: 'files',
        summary: { zh: '下载文件', en: 'Download a file of a task' },
        description: 'With `Range` (206, 416) and `ETag` (`If-None-Match` answers 304).',
        scope: 'read',
        limit: 'other',
        media_type: 'application/octet-stream',
        errors: [40401, 40405],
      },
      async ({ caller, params, response }, next) => {
        const { task_id } = tasks.get(caller.owner, params.task_id);
        const { filename } = params;
        const folder = store.taskFolder(task_id);
        await checkTaskFile(folder, filename);
        response.attachment(filename);
        const options = { root: folder, dotfiles: 'deny' as const, cacheControl: false };
        response.sendFile(filename, options, (error: unknown) => {
          if (error === undefined || response.headersSent) return;
          // A range beyond the end: `Content-Range`, already set, tells how long the file is.
          if (isStatus(error, 416)) response.status(416).end();
          else next(new ServiceError(40405, { message: 'The file is gone.', filename }, { cause: error }));
        });
      },
    ),
  ];
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'status' in error && error.status === status;
}
