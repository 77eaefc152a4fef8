// `mofsim reproduce`: an exported task once more, in a new folder, and whether the result is the same.
import { join } from 'node:path';
import { z } from 'zod';
import { deviceNameSchema, precisionSchema } from '../../contracts/kernel-message.ts';
import { ArchiveError, readArchive } from '../archive/read-archive.ts';
import type { ReadArchive } from '../archive/read-archive.ts';
import { compareResults } from '../archive/compare-results.ts';
import type { Comparison, Deviation } from '../archive/compare-results.ts';
import { findModel } from '../models/catalogue.ts';
import { listImportedFolders } from '../models/mace/imported-folders.ts';
import { hashFile } from '../models/mace/model-folder.ts';
import { howToGet, recognizeModel } from '../models/manifest.ts';
import { createId } from '../service/ids.ts';
import { Reporter } from '../workflows/reporter.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import type { NamedModel } from '../workflows/models.ts';
import { unavailableReason } from '../workflows/registry.ts';
import { runTask } from '../workflows/run-task.ts';
import { APPLICATION_VERSION } from '../version.ts';
import { checked } from './checked.ts';
import { badInput, CliError, EXIT_FAILED } from './cli-error.ts';
import { defaultHome, modelsFolderOf } from './paths.ts';
import { prepareFolder } from './prepare-folder.ts';
import { printJson, printTable, printWarnings } from './print.ts';
import { importedModelOf, resolveModel } from './resolve-model.ts';
import { createTaskProgress } from './task-progress.ts';
import { chooseDevice, withKernel } from './with-kernel.ts';

const MAX_DEVIATIONS_SHOWN = 20;

const optionsSchema = z.object({
  device: deviceNameSchema.optional(),
  out: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});

const precisionParameterSchema = z.object({ precision: precisionSchema.default('float64') });

/** Ends with exit code 1 when the result differs by more than the tolerances. */
export async function reproduce(file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const { manifest, input, result, all_frames } = await openArchive(file);
  const { task } = manifest;
  const { task_type, parameters } = task;
  if (input === null) throw badInput(`${file}: the task never got its structure; there is nothing to compute.`);
  const missing = unavailableReason(task_type);
  if (missing !== null) throw badInput(missing);
  const named = await modelOf(manifest, options.model);
  printWarnings(differencesOf(manifest));
  const folder = await prepareFolder(options.out ?? `${task.structure_name}-${task_type}-again`);
  if (all_frames !== null) await writeFileAtomic(join(folder, all_frames.filename), all_frames.bytes);

  const progress = createTaskProgress(process.stderr);
  const { finished, device } = await withKernel(async (kernel, signal) => {
    const chosen = await chooseDevice(kernel, options.device);
    const again = {
      task_id: createId('task'),
      task_type,
      ...named,
      with_d3: task.with_d3,
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

/**
 * The very file that was used: of a built-in model, of one that was imported here under whatever name, or as it was named.
 *
 * @throws CliError when it is not here
 */
async function modelOf(
  { model: { id, sha256 } }: ReadArchive['manifest'],
  path: string | undefined,
): Promise<Pick<NamedModel, 'model' | 'imported_model'>> {
  if (sha256 === null) {
    if (findModel(id) !== null) return { model: id };
    throw badInput(`The model ${id} is not installed here.`);
  }
  if (path !== undefined) {
    if ((await hashFile(path)) === sha256) return { ...(await resolveModel(path)), model: id };
    throw badInput(`${path} is another file than the one that was used for ${id} (its SHA-256 differs).`);
  }
  const imported = await listImportedFolders(modelsFolderOf(defaultHome()));
  const known = imported.find(({ model }) => model.source.sha256 === sha256);
  if (known !== undefined) return { model: id, imported_model: importedModelOf(known.folder, known.model) };
  const { is: published } = recognizeModel(sha256, null);
  const way = published === null ? '' : ` ${howToGet(published).en}`;
  throw badInput(`The file of the model ${id} (SHA-256 ${sha256}) is not here; name it with --model FILE.${way}`);
}

/** What may explain another result, in sentences. */
function differencesOf({ program_version }: ReadArchive['manifest']): string[] {
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
