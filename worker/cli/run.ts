// `mofsim run`: one task from a file to a folder of results, without a service.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceNameSchema, precisionSchema } from '../../contracts/kernel-message.ts';
import { modelOptionsSchema } from '../../contracts/results/optimization.ts';
import { taskTypeSchema } from '../../contracts/task-types.ts';
import { createId } from '../service/ids.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { givenFilename, readsGivenFile } from '../structures/given-file.ts';
import { assertOptionsFit } from '../workflows/models.ts';
import { unavailableReason, WORKFLOWS } from '../workflows/registry.ts';
import { Reporter } from '../workflows/reporter.ts';
import { runTask } from '../workflows/run-task.ts';
import { checked } from './checked.ts';
import { badInput } from './cli-error.ts';
import { RESOURCES_FOLDER } from './paths.ts';
import { prepareFolder } from './prepare-folder.ts';
import { printJson, printTable, printWarnings } from './print.ts';
import { readStructure } from './read-structure.ts';
import { createTaskProgress } from './task-progress.ts';
import { resolveModel } from './resolve-model.ts';
import { readDetails } from './state-dict-file.ts';
import { withParameterFiles } from './parameter-files.ts';
import { collectParameters } from './task-parameters.ts';
import { chooseDevice, withKernel } from './with-kernel.ts';

const optionsSchema = z.object({
  model: z.string(),
  param: z.array(z.string()).default([]),
  precision: precisionSchema.optional(),
  device: deviceNameSchema.optional(),
  withD3: z.literal(true).optional(),
  details: z.string().min(1).optional(),
  out: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});

export async function run(taskName: string, file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const taskType = checked(taskTypeSchema, taskName, `task (known are ${taskTypeSchema.options.join(', ')})`);
  const workflow = WORKFLOWS[taskType];
  if (workflow === undefined) throw badInput(unavailableReason(taskType) ?? `${taskType} cannot be computed.`);
  const collected = collectParameters(withParameterFiles(options.param), workflow.parameters);
  const parameters = checked(
    workflow.parameters,
    { ...collected, ...(options.precision === undefined ? {} : { precision: options.precision }) },
    'parameter',
  );
  const named = await resolveModel(options.model, {
    with_d3: options.withD3,
    details: await readDetails(options.details),
  });
  const { structure, name, warnings, given } = await readStructure(file, RESOURCES_FOLDER);
  const folder = await prepareFolder(options.out ?? `${name}-${taskType}`);
  printWarnings(warnings);
  if (readsGivenFile(parameters)) await writeFileAtomic(join(folder, givenFilename(given.format)), given.bytes);

  const progress = createTaskProgress(process.stderr);
  const finished = await withKernel(async (kernel, signal) => {
    assertOptionsFit(named, modelOptionsSchema.parse(parameters.model_options), taskType === 'interaction-energy');
    const task = {
      task_id: createId('task'),
      task_type: taskType,
      ...named,
      parameters,
      structure,
      structure_name: name,
      device: await chooseDevice(kernel, options.device),
      folder,
    };
    return runTask(task, { kernel, signal, reporter: new Reporter(progress.show) });
  }).finally(progress.stop);

  const files = (await readdir(folder)).filter((filename) => !filename.startsWith('.')).sort();
  const { execution_time_seconds, result } = finished;
  if (options.json === true) {
    printJson({ task_type: taskType, model: options.model, folder, files, execution_time_seconds, result });
    return;
  }
  printTable([
    ...summaryOf(result),
    ['time', `${execution_time_seconds.toFixed(2)} s`],
    ['files', `${files.join(', ')} in ${folder}`],
  ]);
}

/** The numbers of a result, without its lists and texts. */
function summaryOf(result: Record<string, unknown>): string[][] {
  return Object.entries(result).flatMap(([name, value]) =>
    typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [],
  );
}
