// /files: what a task has written, listed and downloaded (ranges, ETag).
import { Router } from 'express';
import type { RequestHandler } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import { checkTaskFile, listTaskFiles } from '../../service/task-files.ts';
import type { TaskService } from '../../service/task-service.ts';
import type { Store } from '../../store/store.ts';
import { ownerOf } from './authenticate.ts';
import { sendSuccess } from './envelope.ts';
import { addResource, pathParameter } from './resource.ts';

export interface FileRouterParts {
  tasks: TaskService;
  store: Store;
}

export function createFilesRouter({ tasks, store }: FileRouterParts): Router {
  const router = Router();
  const listFiles: RequestHandler = async (request, response) => {
    const { task_id } = tasks.get(ownerOf(request), pathParameter(request, 'id'));
    const files = await listTaskFiles(store.taskFolder(task_id));
    const listed = files.map((file) => ({ ...file, url: `/files/${task_id}/${file.filename}` }));
    sendSuccess(request, response, { files: listed });
  };
  addResource(router, '/files/:id', { get: listFiles });
  addResource(router, '/tasks/:id/files', { get: listFiles });
  addResource(router, '/files/:id/:filename', {
    get: async (request, response, next) => {
      const { task_id } = tasks.get(ownerOf(request), pathParameter(request, 'id'));
      const filename = pathParameter(request, 'filename');
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
  });
  return router;
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'status' in error && error.status === status;
}
