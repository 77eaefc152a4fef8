// `mofsim campaign submit`: a folder of structures, files, built-in names, or a whole specification as JSON.
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { CampaignReference } from '../../../contracts/campaign.ts';
import { precisionSchema } from '../../../contracts/kernel-message.ts';
import { prioritySchema } from '../../../contracts/task.ts';
import { TASK_TYPES, taskTypeSchema } from '../../../contracts/task-types.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import { ApiError } from '../api-client.ts';
import type { ApiClient } from '../api-client.ts';
import { checked } from '../checked.ts';
import { badInput } from '../cli-error.ts';
import { connectionOptionsSchema, withService } from '../connect.ts';
import { printJson } from '../print.ts';
import { collectParameters } from '../task-parameters.ts';
import { findSources, loadStructures } from './find-structures.ts';
import type { Upload } from './find-structures.ts';
import { followCampaign, reportEnd } from './follow-campaign.ts';
import { parseColumns, checkedReferences } from './read-references.ts';

/** What reads a CSV of reference values; `submit` and `scores` take the same. */
export const referenceOptionsShape = {
  reference: z.string().min(1).optional(),
  nameColumn: z.string().min(1).optional(),
  column: z.array(z.string()).default([]),
};

const optionsSchema = connectionOptionsSchema.extend({
  task: z.array(taskTypeSchema).default([]),
  model: z.array(z.string().min(1)).default([]),
  param: z.array(z.string()).default([]),
  precision: precisionSchema.optional(),
  priority: prioritySchema.optional(),
  name: z.string().optional(),
  tag: z.array(z.string()).default([]),
  timeout: z.coerce.number().positive().optional(),
  withD3: z.literal(true).optional(),
  wait: z.literal(true).optional(),
  ...referenceOptionsShape,
});
type Options = z.infer<typeof optionsSchema>;

/** As the body of POST /campaigns, but that structures may be words as on the command line and the reference a CSV file. */
const specificationSchema = z.looseObject({
  name: z.string().optional(),
  structures: z.array(z.union([z.string(), z.looseObject({})])),
  reference: z.union([z.string(), z.array(z.unknown())]).optional(),
});

export async function submitCampaign(words: readonly string[], rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const reference = await referenceOf(options);
  const [first = '', ...others] = words;
  const isSpecification = extname(first) === '.json';
  if (isSpecification && others.length > 0)
    throw badInput('A specification stands alone; it names the structures itself.');
  await withService(options, async (api) => {
    const body = isSpecification ? await fromFile(api, first, options) : await fromWords(api, words, options);
    const receipt = await api.submitCampaign({ ...body, ...(reference === null ? {} : { reference }) });
    const { campaign_id, n_structures, n_cells } = receipt;
    if (options.json !== true || options.wait !== true) {
      if (options.json === true) printJson(receipt);
      else console.log(campaign_id);
    }
    console.error(`${campaign_id}: ${n_structures} structures, ${n_cells} cells.`);
    if (options.wait !== true) return;
    await reportEnd(api, await followCampaign(api, campaign_id), options.json === true);
  });
}

async function fromWords(api: ApiClient, words: readonly string[], options: Options): Promise<object> {
  if (options.task.length === 0) throw badInput('Name at least one --task, such as --task optimization.');
  if (options.model.length === 0) throw badInput('Name at least one --model, such as --model uff4mof.');
  const structures = await loadStructures(findSources(words), patiently(api));
  return {
    name: options.name ?? basename(resolve(words[0] ?? 'campaign')),
    structures,
    tasks: tasksOf(options),
    models: options.model,
    ...settingsOf(options),
  };
}

/** Paths in it are taken from its own folder. */
async function fromFile(api: ApiClient, file: string, options: Options): Promise<object> {
  const text = await readText(file);
  const folder = dirname(file);
  const { structures, reference, ...rest } = checked(
    specificationSchema,
    parseJson(text, file),
    `specification ${file}`,
  );
  const words = structures.flatMap((each) => (typeof each === 'string' ? [wordIn(folder, each)] : []));
  const given = structures.filter((each) => typeof each !== 'string');
  const loaded = await loadStructures(findSources(words), patiently(api));
  const rows =
    typeof reference === 'string'
      ? checkedReferences(await readText(resolve(folder, reference)), reference, { quantities: new Map() })
      : reference;
  return {
    name: basename(file, '.json'),
    ...rest,
    ...(options.name === undefined ? {} : { name: options.name }),
    structures: [...given, ...loaded],
    ...(rows === undefined ? {} : { reference: rows }),
    ...settingsOf(options),
  };
}

/** A path of the specification's folder where there is such a file, else the name of a built-in structure. */
function wordIn(folder: string, word: string): string {
  return /[/\\.]/.test(word) ? resolve(folder, word) : word;
}

/** A parameter goes to those tasks that know it; one that none of them knows is refused. */
function tasksOf({ task, param, precision }: Options): { task_type: TaskType; parameters: Record<string, unknown> }[] {
  const shapes = task.map((task_type) => TASK_TYPES[task_type].parameters);
  const isOwn = (name: string): boolean => shapes.some((schema) => Object.keys(schema.shape).includes(name));
  return task.map((task_type) => {
    const schema = TASK_TYPES[task_type].parameters;
    const known = param.filter((setting) => {
      const [name = ''] = setting.split('=');
      return Object.keys(schema.shape).includes(name) || !isOwn(name);
    });
    const parameters = collectParameters(known, schema);
    return { task_type, parameters: { ...parameters, ...(precision === undefined ? {} : { precision }) } };
  });
}

function settingsOf({ priority, tag, timeout, withD3 }: Options): object {
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(tag.length === 0 ? {} : { tags: tag }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(withD3 === undefined ? {} : { with_d3: true }),
  };
}

/** null when none was named. */
export async function referenceOf(
  options: Pick<Options, 'reference' | 'nameColumn' | 'column'>,
): Promise<readonly CampaignReference[] | null> {
  const { reference: file, nameColumn: structure, column } = options;
  if (file === undefined) return null;
  return checkedReferences(await readText(file), basename(file), { structure, quantities: parseColumns(column) });
}

/** Uploads are limited to a few per minute; a campaign of large files waits as long as it is told to. */
function patiently(api: ApiClient): Upload {
  return async (filename, bytes) => {
    for (;;) {
      try {
        return await api.uploadStructure(filename, bytes);
      } catch (error) {
        if (!(error instanceof ApiError) || error.retryAfterSeconds === null) throw error;
        console.error(`Uploads are limited; ${filename} goes on in ${error.retryAfterSeconds} s.`);
        await setTimeout(error.retryAfterSeconds * 1000);
      }
    }
  };
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw badInput(`${file} cannot be read.`, { cause });
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput(`${file} is not JSON.`, { cause });
  }
}
