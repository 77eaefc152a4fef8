// Submitting tasks: one by one, again, and many at once. An Idempotency-Key makes a repeated request the same request.
import type { Response } from 'express';
import { z } from 'zod';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { ErrorCode } from '../../../contracts/error-code.ts';
import {
  batchReceiptSchema,
  batchSubmissionSchema,
  retryReceiptSchema,
  submissionReceiptSchema,
  submissionSchema,
} from '../../../contracts/task.ts';
import type { TaskSubmission } from '../../../contracts/task.ts';
import { TASK_TYPES, taskTypeSchema } from '../../../contracts/task-types.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import { giveWay } from '../../service/give-way.ts';
import { createIdempotency } from '../../service/idempotency.ts';
import type { Once } from '../../service/idempotency.ts';
import { batchError } from '../../service/submit-tasks.ts';
import type { TaskService } from '../../service/task-service.ts';
import type { Store } from '../../store/store.ts';
import { parseRequest } from './parse-request.ts';
import { rawRoute, route } from './route.ts';
import type { Route } from './route.ts';

export interface SubmissionRouteParts {
  tasks: TaskService;
  store: Store;
}

/** A thousand submissions, some of them with their structure as text. */
const MAX_BATCH_BODY_BYTES = 32 * 1024 * 1024;

const SUBMIT = { method: 'post', tag: 'tasks', scope: 'submit', limit: 'submit', status: 202 } as const;

const SUBMISSION_ERRORS: readonly ErrorCode[] = [
  40001, 40002, 40003, 40004, 40005, 40006, 40008, 40009, 40010, 40401, 40402, 40404, 40406, 42201, 42202, 42203, 42204,
  42205, 42207, 50301, 50303, 50304,
];

/** Made once: a schema is compiled at its first use. */
const SUBMISSION_SCHEMAS: ReadonlyMap<TaskType, ReturnType<typeof submissionSchema>> = new Map(
  taskTypeSchema.options.map((task_type) => [task_type, submissionSchema(task_type)]),
);

export const idempotencyHeadersSchema = z.object({
  /** The same key with the same body within 24 hours is the same request: it gets the first answer again. */
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
    .optional(),
});

export function createSubmissionRoutes(parts: SubmissionRouteParts): Route[] {
  const { tasks, store } = parts;
  const idempotency = createIdempotency(store, () => new Date());
  const submissions = taskTypeSchema.options.map((task_type) =>
    route(
      {
        ...SUBMIT,
        path: `/tasks/${task_type}`,
        operation: `submit${task_type.split('-').map(capitalized).join('')}`,
        summary: { zh: `提交任务：${TASK_TYPES[task_type].title.zh}`, en: `Submit: ${TASK_TYPES[task_type].title.en}` },
        headers: idempotencyHeadersSchema,
        body: schemaOf(task_type),
        response: submissionReceiptSchema,
        message: 'submitted',
        errors: SUBMISSION_ERRORS,
      },
      async ({ caller, body, headers, request, response }) => {
        const key = headers['idempotency-key'] ?? null;
        const content = { path: request.path, body: unknownBody(request) };
        const once = await idempotency.once({ owner: caller.owner, key, content }, submissionReceiptSchema, (keep) =>
          tasks.submit(caller, { task_type, ...body }, keep),
        );
        return answerOf(once, response);
      },
    ),
  );
  return [
    ...submissions,
    route(
      {
        ...SUBMIT,
        path: '/tasks/batch',
        operation: 'submitBatch',
        summary: { zh: '批量提交任务', en: 'Submit many tasks: all are accepted or none' },
        headers: idempotencyHeadersSchema,
        body: batchSubmissionSchema,
        max_body_bytes: MAX_BATCH_BODY_BYTES,
        response: batchReceiptSchema,
        message: 'batch_submitted',
        errors: [40007, ...SUBMISSION_ERRORS],
      },
      async ({ caller, body, headers, response }) => {
        const key = headers['idempotency-key'] ?? null;
        const submitted = await parseBatch(body.tasks);
        const content = { path: '/tasks/batch', body };
        const once = await idempotency.once({ owner: caller.owner, key, content }, batchReceiptSchema, (keep) =>
          tasks.submitBatch(caller, submitted, keep),
        );
        return answerOf(once, response);
      },
    ),
    route(
      {
        ...SUBMIT,
        path: '/tasks/{task_id}/retry',
        operation: 'retryTask',
        summary: { zh: '重试任务', en: 'A new task with the inputs of one that has ended' },
        response: retryReceiptSchema,
        message: 'retried',
        errors: [40401, 40901, 50301, 50303, 50304],
      },
      ({ caller, params }) => tasks.retry(caller, params.task_id),
    ),
    refusalOfUnknownTypes(),
  ];
}

function refusalOfUnknownTypes(): Route {
  return rawRoute(
    {
      ...SUBMIT,
      path: '/tasks/{task_type}',
      operation: 'refuseUnknownTaskType',
      summary: { zh: '未知任务类型', en: 'An unknown task type' },
      media_type: 'application/json',
      errors: [40007],
      unlisted_because: 'it answers nothing but 40007, and GET /tasks/{task_id} has the same path',
    },
    ({ params }) => {
      throw unknownTaskType(params.task_type);
    },
  );
}

function unknownTaskType(task_type: string): ServiceError {
  const known_task_types = taskTypeSchema.options;
  const message = `There is no task type "${task_type}". Known: ${known_task_types.join(', ')}.`;
  return new ServiceError(40007, { message, known_task_types });
}

/** @throws ServiceError whose `details.errors` names every task that is wrong by its index */
async function parseBatch(tasks: readonly Readonly<Record<string, unknown>>[]): Promise<TaskSubmission[]> {
  const submissions: TaskSubmission[] = [];
  const failed: { index: number; error: ServiceError }[] = [];
  for (const [index, { task_type, ...body }] of tasks.entries()) {
    await giveWay(index);
    try {
      const known = knownTaskType(task_type);
      submissions.push({ task_type: known, ...parseRequest(schemaOf(known), body) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ index, error });
    }
  }
  if (failed.length > 0) throw batchError(failed);
  return submissions;
}

function schemaOf(task_type: TaskType): ReturnType<typeof submissionSchema> {
  const schema = SUBMISSION_SCHEMAS.get(task_type);
  if (schema === undefined) throw new Error(`The task type ${task_type} has no schema.`);
  return schema;
}

function knownTaskType(name: unknown): TaskType {
  const parsed = taskTypeSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw unknownTaskType(String(name));
}

function answerOf<Answer>({ answer, is_replayed }: Once<Answer>, response: Response): Answer {
  if (is_replayed) response.setHeader('Idempotency-Replayed', 'true');
  return answer;
}

/** As it came: defaults that a later version changes must not make it another request. */
function unknownBody(request: { body?: unknown }): unknown {
  return request.body;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
