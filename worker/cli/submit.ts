// `mofsim submit`: tasks for the running service, one structure or many.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { precisionSchema } from '../../contracts/kernel-message.ts';
import { MAX_INLINE_STRUCTURE_LENGTH } from '../../contracts/structure.ts';
import type { StructureSource } from '../../contracts/structure.ts';
import { prioritySchema } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { TASK_TYPES, taskTypeSchema } from '../../contracts/task-types.ts';
import type { ApiClient } from './api-client.ts';
import { checked } from './checked.ts';
import { badInput, CliError, EXIT_FAILED } from './cli-error.ts';
import { connectionOptionsSchema, withService } from './connect.ts';
import { printJson, printTable } from './print.ts';
import { withParameterFiles } from './parameter-files.ts';
import { collectParameters } from './task-parameters.ts';

const optionsSchema = connectionOptionsSchema.extend({
  model: z.string(),
  param: z.array(z.string()).default([]),
  precision: precisionSchema.optional(),
  priority: prioritySchema.optional(),
  name: z.string().optional(),
  tag: z.array(z.string()).default([]),
  timeout: z.coerce.number().positive().optional(),
  withD3: z.literal(true).optional(),
  wait: z.literal(true).optional(),
});

export async function submit(taskName: string, files: readonly string[], rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const task_type = checked(taskTypeSchema, taskName, `task (known are ${taskTypeSchema.options.join(', ')})`);
  const shared = {
    task_type,
    model: options.model,
    parameters: {
      ...collectParameters(withParameterFiles(options.param), TASK_TYPES[task_type].parameters),
      ...(options.precision === undefined ? {} : { precision: options.precision }),
    },
    priority: options.priority,
    name: options.name,
    tags: options.tag,
    timeout: options.timeout,
    with_d3: options.withD3,
  };
  await withService(options, async (api) => {
    const tasks: object[] = [];
    for (const file of files) tasks.push({ ...shared, structure: await sourceOf(api, file) });
    const task_ids = await submitAll(api, tasks);
    if (options.wait === true) await waitForAll(api, task_ids, options.json === true);
    else if (options.json === true) printJson({ task_ids });
    else for (const task_id of task_ids) console.log(task_id);
  });
}

/** All are accepted or none. */
async function submitAll(api: ApiClient, tasks: readonly object[]): Promise<string[]> {
  const { tasks: submitted } = await api.submitBatch(tasks);
  return submitted.map(({ task_id }) => task_id);
}

/** A file of the user goes along as text, a large one as an upload; what is no file is the name of a built-in structure. */
async function sourceOf(api: ApiClient, file: string): Promise<StructureSource> {
  if (!existsSync(file)) return { source: 'builtin', name: file };
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badInput(`${file} cannot be read.`, { cause });
  });
  const format = formatOf(file);
  if (format === null || bytes.length > MAX_INLINE_STRUCTURE_LENGTH) {
    return { source: 'upload', file_id: await api.uploadStructure(basename(file), bytes) };
  }
  return { source: 'inline', format, content: bytes.toString('utf8'), name: basename(file) };
}

/** null: the service finds out. */
function formatOf(file: string): 'cif' | 'xyz' | null {
  if (/\.cif$/i.test(file)) return 'cif';
  return /\.(xyz|extxyz)$/i.test(file) ? 'xyz' : null;
}

async function waitForAll(api: ApiClient, task_ids: readonly string[], isJson: boolean): Promise<void> {
  const tasks = [];
  for (const task_id of task_ids) {
    for await (const event of api.events(task_id)) if (event.type === 'state' && isFinalStatus(event.status)) break;
    tasks.push(await api.task(task_id));
  }
  if (isJson) printJson({ tasks });
  else printTable(tasks.map(({ task_id, status, error }) => [task_id, status, error?.message ?? '']));
  const failed = tasks.filter(({ status }) => status !== 'COMPLETED');
  if (failed.length > 0) throw new CliError(EXIT_FAILED, `${failed.length} of ${tasks.length} tasks did not complete.`);
}
