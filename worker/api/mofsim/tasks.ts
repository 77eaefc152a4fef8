// /tasks: submit, look, cancel.
import { json, Router } from 'express';
import type { RequestHandler } from 'express';
import { ServiceError } from '../../../contracts/error-code.ts';
import { logQuerySchema } from '../../../contracts/log.ts';
import {
  submissionSchemas,
  taskListQuerySchema,
  taskStructureQuerySchema,
  taskTypeSchema,
} from '../../../contracts/task.ts';
import type { TaskSubmission, TaskType } from '../../../contracts/task.ts';
import type { TaskEvents } from '../../queue/task-events.ts';
import type { TaskService } from '../../service/task-service.ts';
import type { Store } from '../../store/store.ts';
import { ownerOf } from './authenticate.ts';
import { sendSuccess } from './envelope.ts';
import { MAX_JSON_BODY_BYTES } from './error-handler.ts';
import { streamTaskEvents } from './stream-task-events.ts';
import { parseRequest } from './parse-request.ts';
import { addResource, pathParameter } from './resource.ts';

export interface TaskRouterParts {
  tasks: TaskService;
  store: Store;
  events: TaskEvents;
}

/** A form of another site can send text, but not this content type, without asking first. */
const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') === 'application/json') next();
  else throw new ServiceError(40001, { message: 'Send the body as JSON with "Content-Type: application/json".' });
};

export function createTasksRouter({ tasks, store, events }: TaskRouterParts): Router {
  const router = Router();
  addResource(router, '/tasks', {
    get: (request, response) => {
      const query = parseRequest(taskListQuerySchema, request.query);
      const { tasks: found, total } = tasks.list(ownerOf(request), query);
      const { page, page_size } = query;
      const pagination = { total, page, page_size, total_pages: Math.ceil(total / page_size) };
      sendSuccess(request, response, { tasks: found, pagination });
    },
  });
  addResource(router, '/tasks/:id/result', {
    get: async (request, response) => {
      const { task, result } = await tasks.result(ownerOf(request), pathParameter(request, 'id'));
      const { task_id, task_type, execution_time_seconds } = task;
      sendSuccess(request, response, { task_id, task_type, result, execution_time_seconds });
    },
  });
  addResource(router, '/tasks/:id/logs', {
    get: (request, response) => {
      const { level = 'DEBUG', limit, offset } = parseRequest(logQuerySchema, request.query);
      sendSuccess(request, response, tasks.logs(ownerOf(request), pathParameter(request, 'id'), level, limit, offset));
    },
  });
  addResource(router, '/tasks/:id/structure', {
    get: async (request, response) => {
      const { stage } = parseRequest(taskStructureQuerySchema, request.query);
      sendSuccess(request, response, await tasks.geometry(ownerOf(request), pathParameter(request, 'id'), stage));
    },
  });
  addResource(router, '/tasks/:id/events', {
    get: (request, response) => {
      const { task_id } = tasks.get(ownerOf(request), pathParameter(request, 'id'));
      const currentState = () => {
        const { status, progress, error } = tasks.get(ownerOf(request), task_id);
        return { type: 'state' as const, status, progress, error };
      };
      streamTaskEvents(request, response, { task_id, history: store.history, events, currentState });
    },
  });
  addResource(router, '/tasks/:id/cancel', {
    post: (request, response) => {
      const task_id = pathParameter(request, 'id');
      const receipt = { task_id, ...tasks.cancel(ownerOf(request), task_id) };
      sendSuccess(request, response, receipt, { message: 'cancelled' });
    },
  });
  // The same path with two meanings, as the API document has it: POST takes a task type, GET a task id.
  addResource(router, '/tasks/:id', {
    get: (request, response) => {
      sendSuccess(request, response, tasks.get(ownerOf(request), pathParameter(request, 'id')));
    },
    post: [
      requireJson,
      json({ limit: MAX_JSON_BODY_BYTES }),
      async (request, response) => {
        const task_type = knownTaskType(pathParameter(request, 'id'));
        const submission = parseSubmission(task_type, request.body);
        const { task, estimated_wait_seconds } = await tasks.submit(ownerOf(request), submission);
        const receipt = { task_id: task.task_id, status: task.status, estimated_wait_seconds };
        sendSuccess(request, response, receipt, { status: 202, message: 'submitted' });
      },
    ],
  });
  return router;
}

function knownTaskType(name: string): TaskType {
  const parsed = taskTypeSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  const known_task_types = taskTypeSchema.options;
  const message = `There is no task type "${name}" in this version. Available: ${known_task_types.join(', ')}.`;
  throw new ServiceError(40007, { message, known_task_types });
}

function parseSubmission(task_type: TaskType, body: unknown): TaskSubmission {
  switch (task_type) {
    case 'optimization':
      return { task_type, ...parseRequest(submissionSchemas[task_type], body) };
    case 'single-point-energy':
      return { task_type, ...parseRequest(submissionSchemas[task_type], body) };
  }
}
