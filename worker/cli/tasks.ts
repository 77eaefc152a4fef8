// `mofsim tasks`, `mofsim cancel`, `mofsim export`: what the running service has, from a script.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { taskListQuerySchema } from '../../contracts/task.ts';
import { checked } from './checked.ts';
import { badInput, CliError, EXIT_FAILED } from './cli-error.ts';
import { connectionOptionsSchema, withService } from './connect.ts';
import { printJson, printTable } from './print.ts';

const listOptionsSchema = connectionOptionsSchema.extend({
  ...taskListQuerySchema.pick({ status: true, tag: true, search: true }).shape,
  limit: z.coerce.number().int().min(1).max(200).default(20),
});

/** Newest first. */
export async function listTasks(rawOptions: unknown): Promise<void> {
  const { limit, status, tag, search, ...connection } = checked(listOptionsSchema, rawOptions, 'option');
  const { tasks, pagination } = await withService(connection, (api) =>
    api.tasks({ page_size: String(limit), ...given({ status, tag, search }) }),
  );
  if (connection.json === true) {
    printJson({ tasks, pagination });
    return;
  }
  const rows = tasks.map((task) => {
    const progress = task.status === 'RUNNING' ? `${Math.round(task.progress)} %` : '';
    return [task.task_id, task.status, progress, task.task_type, task.model, task.name ?? task.structure_name];
  });
  printTable([['TASK', 'STATUS', '', 'TYPE', 'MODEL', 'NAME'], ...rows]);
  if (pagination.total > tasks.length)
    console.error(`${tasks.length} of ${pagination.total} tasks; more with --limit.`);
}

export async function cancelTasks(task_ids: readonly string[], rawOptions: unknown): Promise<void> {
  const connection = checked(connectionOptionsSchema, rawOptions, 'option');
  const receipt = await withService(connection, (api) => api.cancelTasks(task_ids));
  if (connection.json === true) printJson(receipt);
  else for (const { task_id, previous_status } of receipt.cancelled) console.log(`${task_id} was ${previous_status}`);
  const refused = receipt.refused.map(({ task_id, code }) => `${task_id} (code ${code})`);
  if (refused.length > 0) throw new CliError(EXIT_FAILED, `Not cancelled: ${refused.join(', ')}.`);
}

export async function exportTask(task_id: string, rawOptions: unknown): Promise<void> {
  const options = checked(connectionOptionsSchema.extend({ out: z.string().min(1).optional() }), rawOptions, 'option');
  const file = options.out ?? `${task_id}.zip`;
  if (existsSync(file)) throw badInput(`${file} exists already. Choose another name with --out.`);
  await withService(options, (api) => api.exportTask(task_id, file));
  if (options.json === true) printJson({ file });
  else console.log(file);
}

function given(filter: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
