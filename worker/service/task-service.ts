// What can be done with tasks, for any dialect of the API. Knows no HTTP and no envelope.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { LogLevel, LogLine } from '../../contracts/log.ts';
import type { Model } from '../../contracts/model.ts';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import type { Task, TaskListQuery, TaskStructureStage, TaskSubmission } from '../../contracts/task.ts';
import { TASK_TYPES } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { findModel, MODELS } from '../models/catalogue.ts';
import { STRUCTURE_FILE } from '../pool/pool.ts';
import type { Pool } from '../pool/pool.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { TaskRow } from '../store/tasks.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { createId } from './ids.ts';
import type { ReadStructureFile, StructureLibrary } from './structure-library.ts';

const MAX_ATTEMPTS = 3;
const RESULT_FILE = 'result.json';

export interface Submitted {
  task: Task;
  estimated_wait_seconds: number | null;
}

export interface TaskService {
  /** @throws ServiceError 40008 | 4040x | 4220x | 50301 */
  submit(owner: string, submission: TaskSubmission): Promise<Submitted>;
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
  cancel(owner: string, task_id: string): { previous_status: TaskStatus; current_status: TaskStatus };
  /** @throws ServiceError 40401 | 40404 for the final structure of a task that is not COMPLETED */
  geometry(owner: string, task_id: string, stage: TaskStructureStage): Promise<StructureGeometry>;
}

export interface TaskServiceParts {
  store: Store;
  queue: Queue;
  pool: Pool;
  structures: StructureLibrary;
  readResultStructure: ReadStructureFile;
  now: () => Date;
}

export function createTaskService({
  store,
  queue,
  pool,
  structures,
  readResultStructure,
  now,
}: TaskServiceParts): TaskService {
  const find = (owner: string, task_id: string): TaskRow => {
    const row = store.tasks.find(task_id);
    if (row?.owner !== owner) throw new ServiceError(40401, { task_id });
    return row;
  };

  /** @throws ServiceError 40404 */
  const readResult = async (row: TaskRow) => {
    const { task_id, task_type, status } = row;
    if (status !== 'COMPLETED') {
      const message = isFinalStatus(status)
        ? `The task ended as ${status} and has no result.`
        : `The task is ${status}; its result is there once it is COMPLETED.`;
      throw new ServiceError(40404, { message, task_id, status });
    }
    const json: unknown = JSON.parse(await readFile(join(store.taskFolder(task_id), RESULT_FILE), 'utf8'));
    return TASK_TYPES[task_type].result.parse(json);
  };

  return {
    submit: async (owner, submission) => {
      refuseUnavailable(submission);
      const model = knownModel(submission.model);
      const geometry = await structures.geometry(owner, submission.structure);
      refuseUnsupported(model, geometry);

      const task_id = createId('task');
      const folder = store.taskFolder(task_id);
      await mkdir(folder, { mode: 0o700 });
      try {
        await writeFileAtomic(join(folder, STRUCTURE_FILE), JSON.stringify(geometry));
        const estimated_wait_seconds = queue.estimateWaitSeconds(submission.priority, pool.status().slots.length);
        const row = queue.submit({
          task_id,
          owner,
          task_type: submission.task_type,
          model: model.id,
          parameters: submission.parameters,
          structure_source: submission.structure,
          structure_name: geometry.name,
          n_atoms: geometry.summary.n_atoms,
          formula: geometry.summary.formula,
          priority: submission.priority,
          max_attempts: MAX_ATTEMPTS,
          created_at: now().toISOString(),
        });
        const { problem } = pool.status();
        if (problem !== null) queue.log(task_id, 'WARNING', `No device is ready, the task waits. ${problem}`);
        return { task: toTask(row), estimated_wait_seconds };
      } catch (error) {
        if (store.tasks.find(task_id) === null) await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },

    get: (owner, task_id) => toTask(find(owner, task_id)),

    list: (owner, { page, page_size, created_after, created_before, ...filter }) => {
      const query = { owner, ...filter, created_after: inUtc(created_after), created_before: inUtc(created_before) };
      const rows = store.tasks.list(query, page_size, (page - 1) * page_size);
      return { tasks: rows.map(toTask), total: store.tasks.count(query) };
    },

    result: async (owner, task_id) => {
      const row = find(owner, task_id);
      return { task: toTask(row), result: await readResult(row) };
    },

    logs: (owner, task_id, level, limit, offset) => {
      find(owner, task_id);
      return {
        logs: store.history.logs(task_id, level, limit, offset),
        total: store.history.countLogs(task_id, level),
      };
    },

    cancel: (owner, task_id) => {
      const { status } = find(owner, task_id);
      const previous_status = queue.cancel(task_id);
      if (previous_status === null) {
        const message = `The task is ${status} and cannot be cancelled any more.`;
        throw new ServiceError(status === 'CANCELLED' ? 40903 : 40902, { message, task_id, status });
      }
      pool.cancel(task_id);
      return { previous_status, current_status: 'CANCELLED' };
    },

    geometry: async (owner, task_id, stage) => {
      const row = find(owner, task_id);
      const json: unknown = JSON.parse(await readFile(join(store.taskFolder(task_id), STRUCTURE_FILE), 'utf8'));
      const submitted = structureGeometrySchema.parse(json);
      if (stage === 'submitted') return submitted;
      const result = await readResult(row);
      if (!('final_structure' in result)) return submitted;
      const { format, content } = result.final_structure;
      const { structure, summary } = await readResultStructure(Buffer.from(content), `${row.structure_name}.${format}`);
      return { structure, summary, name: submitted.name };
    },
  };
}

/** What the schemas know and this version cannot do yet is refused by name, never ignored. */
function refuseUnavailable(submission: TaskSubmission): void {
  if (submission.webhook_url !== undefined) {
    const message =
      'Webhooks are not available in this version. Leave out webhook_url and read GET /tasks/{task_id}/events.';
    throw new ServiceError(50301, { message, field: 'webhook_url' });
  }
}

function knownModel(id: string): Model {
  const model = findModel(id);
  if (model !== null) return model;
  const known_models = MODELS.map((known) => known.id);
  throw new ServiceError(40008, {
    message: `There is no model "${id}". Known models: ${known_models.join(', ')}.`,
    field: 'model',
    known_models,
  });
}

function refuseUnsupported(model: Model, { summary }: StructureGeometry): void {
  if (summary.n_atoms > model.max_atoms) {
    const message = `The structure has ${summary.n_atoms} atoms, ${model.id} takes at most ${model.max_atoms}.`;
    throw new ServiceError(42202, { message, n_atoms: summary.n_atoms, max_atoms: model.max_atoms });
  }
  const unsupported_elements = summary.elements.filter((element) => !model.supported_elements.includes(element));
  if (unsupported_elements.length > 0) {
    const message = `${model.id} does not know ${unsupported_elements.join(', ')}.`;
    throw new ServiceError(42203, { message, unsupported_elements, supported_elements: model.supported_elements });
  }
}

/** As the store has it, so that text compares as time. */
function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function toTask(row: TaskRow): Task {
  return {
    task_id: row.task_id,
    task_type: row.task_type,
    status: row.status,
    model: row.model,
    priority: row.priority,
    progress: row.progress,
    structure: row.structure_source,
    structure_name: row.structure_name,
    n_atoms: row.n_atoms,
    formula: row.formula,
    parameters: row.parameters,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    execution_time_seconds: row.execution_time_seconds,
    gpu_id: row.gpu_id,
    device: row.device,
    attempts: row.attempts,
    error: row.error,
  };
}
