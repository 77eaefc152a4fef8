// `mofsim reproduce`: an exported task once more, in a new folder, and whether the result is the same.
import { join } from 'node:path';
import { z } from 'zod';
import { deviceNameSchema, precisionSchema } from '../../contracts/kernel-message.ts';
import { ArchiveError, readArchive } from '../archive/read-archive.ts';
import type { ReadArchive } from '../archive/read-archive.ts';
import { compareResults } from '../archive/compare-results.ts';
import type { Comparison, Deviation } from '../archive/compare-results.ts';
import { findModel } from '../models/catalogue.ts';
import { createId } from '../service/ids.ts';
import { Reporter } from '../workflows/reporter.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { unavailableReason } from '../workflows/registry.ts';
import { runTask } from '../workflows/run-task.ts';
import { APPLICATION_VERSION } from '../version.ts';
import { checked } from './checked.ts';
import { badInput, CliError, EXIT_FAILED } from './cli-error.ts';
import { prepareFolder } from './prepare-folder.ts';
import { printJson, printTable, printWarnings } from './print.ts';
import { createTaskProgress } from './task-progress.ts';
import { chooseDevice, withKernel } from './with-kernel.ts';

const MAX_DEVIATIONS_SHOWN = 20;

const optionsSchema = z.object({
  device: deviceNameSchema.optional(),
  out: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});

const precisionParameterSchema = z.object({ precision: precisionSchema.default('float64') });

/** Ends with exit code 1 when the result differs by more than the tolerances. */
export async function reproduce(file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const { manifest, input, result, all_frames } = await openArchive(file);
  const { task } = manifest;
  const { task_type, model, parameters } = task;
  if (input === null) throw badInput(`${file}: the task never got its structure; there is nothing to compute.`);
  const missing = unavailableReason(task_type);
  if (missing !== null) throw badInput(missing);
  printWarnings(differencesOf(manifest));
  const folder = await prepareFolder(options.out ?? `${task.structure_name}-${task_type}-again`);
  if (all_frames !== null) await writeFileAtomic(join(folder, all_frames.filename), all_frames.bytes);

  const progress = createTaskProgress(process.stderr);
  const { finished, device } = await withKernel(async (kernel, signal) => {
    const chosen = await chooseDevice(kernel, options.device);
    const again = {
      task_id: createId('task'),
      task_type,
      model,
      parameters,
      structure: input.structure,
      structure_name: task.structure_name,
      device: chosen,
      folder,
    };
    const tools = { kernel, signal, reporter: new Reporter(progress.show) };
    return { finished: await runTask(again, tools), device: chosen };
  }).finally(progress.stop);

  const comparison = compareWithFirst(manifest.task, result, finished.result);
  report({ folder, device, first_device: task.device, comparison }, options.json === true);
  if (comparison !== null && comparison.deviations.length > 0) {
    throw new CliError(EXIT_FAILED, `${comparison.deviations.length} values differ by more than their tolerance.`);
  }
}

async function openArchive(file: string): Promise<ReadArchive> {
  try {
    return await readArchive(file);
  } catch (cause) {
    if (cause instanceof ArchiveError) throw badInput(`${file} cannot be used: ${cause.message}`, { cause });
    throw cause;
  }
}

/** What may explain another result, in sentences. @throws CliError when the model is not the one that was used */
function differencesOf({ model, program_version }: ReadArchive['manifest']): string[] {
  const known = findModel(model.id);
  if (known === null) throw badInput(`The model ${model.id} is not installed here.`);
  if (known.sha256 !== model.sha256) {
    throw badInput(`The model ${model.id} here is another file than the one that was used (its SHA-256 differs).`);
  }
  return program_version === APPLICATION_VERSION
    ? []
    : [`The task was exported by version ${program_version}; this is ${APPLICATION_VERSION}.`];
}

/** null where there is nothing to compare with: the first one did not complete. */
function compareWithFirst({ task_type, parameters }: ReadArchive['manifest']['task'], first: unknown, second: unknown) {
  if (first === null) return null;
  const { precision } = precisionParameterSchema.parse(parameters);
  // What was computed is compared as it was written: undefined and -0 do not survive a file.
  return compareResults(task_type, first, JSON.parse(JSON.stringify(second)), precision);
}

interface Outcome {
  folder: string;
  device: string;
  first_device: string | null;
  comparison: Comparison | null;
}

function report({ folder, device, first_device, comparison }: Outcome, isJson: boolean): void {
  if (isJson) {
    const is_reproduced = comparison === null ? null : comparison.deviations.length === 0;
    printJson({ folder, device, first_device, is_reproduced, ...comparison });
    return;
  }
  printTable([
    ['files', folder],
    ['device', first_device === null || first_device === device ? device : `${device}, first on ${first_device}`],
    ['result', verdictOf(comparison)],
    ...(comparison?.deviations ?? []).slice(0, MAX_DEVIATIONS_SHOWN).map(rowOf),
  ]);
}

function verdictOf(comparison: Comparison | null): string {
  if (comparison === null) return 'computed; the exported task had not completed, so there is nothing to compare';
  const { n_compared, is_identical, deviations } = comparison;
  if (is_identical) return `identical in all ${n_compared} values`;
  if (deviations.length === 0) return `the same within the tolerances, ${n_compared} values compared`;
  return `${deviations.length} of ${n_compared} values differ by more than their tolerance`;
}

function rowOf({ path, first, second, difference, tolerance }: Deviation): string[] {
  const by =
    difference === null ? '' : `, ${difference.toPrecision(3)} apart, ${tolerance?.toPrecision(3) ?? ''} allowed`;
  return [path, `${String(first)} -> ${String(second)}${by}`];
}
