// `mofsim models import`: a checkpoint into the data folder, through the API of the service when one runs on it.
import { existsSync } from 'node:fs';
import { copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { modelConfigSchema } from '../../contracts/model.ts';
import type { Model, ModelConfig } from '../../contracts/model.ts';
import { createLineLogger } from '../logger.ts';
import { hashFile } from '../models/mace/model-folder.ts';
import { findPublishedModel } from '../models/manifest.ts';
import { createId } from '../service/ids.ts';
import { createModelService } from '../service/model-service.ts';
import { LOCAL_USER } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { checked } from './checked.ts';
import { badInput } from './cli-error.ts';
import { homeOf } from './connect.ts';
import { apiOfRunning, openUnlessRunning } from './data-folder.ts';
import { printJson, printWarnings } from './print.ts';
import { unusable } from './resolve-model.ts';
import { readDetails } from './state-dict-file.ts';

const optionsSchema = z.object({
  id: z.string().min(1),
  description: z.string().optional(),
  details: z.string().min(1).optional(),
  home: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});
/** Sending and reading a large model on a busy disk. */
const REQUEST_TIMEOUT_MS = 600_000;

export async function importModel(file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  if (!existsSync(file)) throw badInput(`There is no file ${file}.`);
  const published = findPublishedModel(options.id);
  const config = checked(
    modelConfigSchema,
    {
      name: options.id,
      family: 'mace',
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.details === undefined ? {} : { details: await readDetails(options.details) }),
    },
    'model',
  );
  if (published?.sha256 !== undefined && published.sha256 !== null && (await hashFile(file)) !== published.sha256) {
    printWarnings([`${file} is not the file that is known as ${published.id}; its checksum is another one.`]);
  }
  const model = await bring(file, config, homeOf(options));
  if (options.json === true) printJson(model);
  else console.log(`${model.id}: ${model.supported_elements.length} elements, heads ${model.heads.join(', ')}`);
}

async function bring(file: string, config: ModelConfig, home: string): Promise<Model> {
  const store = openUnlessRunning(home);
  if (store === null) return (await apiOfRunning(home, REQUEST_TIMEOUT_MS)).uploadModel(file, config);
  try {
    return await bringInto(store, file, config);
  } catch (error) {
    throw unusable(file, error);
  } finally {
    store.close();
  }
}

/** As an upload, of a copy: the service keeps what it is given. */
async function bringInto(store: Store, file: string, config: ModelConfig): Promise<Model> {
  const models = createModelService({
    store,
    pool: () => NO_SLOTS,
    logger: createLineLogger((line) => process.stderr.write(`${line}\n`)),
    now: () => new Date(),
  });
  const path = join(models.uploadFolder, createId('file'));
  try {
    await copyFile(file, path);
    const { size: size_bytes } = await stat(path);
    return await models.upload(LOCAL_USER, { path, size_bytes }, config, 'en');
  } finally {
    await rm(path, { force: true });
  }
}

const NO_SLOTS = {
  status: () => ({ gpus: [], cpu: null, slots: [], cuda_unavailable_reason: null, problem: null }),
  loadModel: () => Promise.resolve([]),
  unloadModel: () => Promise.resolve([]),
};
