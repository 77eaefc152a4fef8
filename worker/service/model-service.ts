// The models that a user can pick: the built-in ones and the checkpoints that users brought. A checkpoint is kept with its
// checksum, and imported by a reader that builds data and calls nothing; the kernel sees what that wrote.
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { ImportedModel, Model, ModelConfig, ModelValidation, PlacedModel } from '../../contracts/model.ts';
import { findModel, MODELS } from '../models/catalogue.ts';
import { findPublishedModel, PUBLISHED_MODELS } from '../models/manifest.ts';
import type { BuiltinModel } from '../models/catalogue.ts';
import type { Logger } from '../logger.ts';
import { hashFile } from '../models/mace/model-folder.ts';
import type { Pool } from '../pool/pool.ts';
import type { ModelRow } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { Words } from './alert-rules.ts';
import { createId } from './ids.ts';
import { describeImported, describePublished } from './describe-model.ts';
import { createImportedModels } from './imported-models.ts';
import type { ComputingModel } from './task-checks.ts';

const OPEN_STATES = ['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING'] as const;

type Language = keyof Words;

export interface ReceivedModelFile {
  /** In `uploadFolder`; moved when it is kept. */
  path: string;
  size_bytes: number;
}

export interface ModelService {
  /** Where an upload is put while it arrives: on the disk where it stays. */
  readonly uploadFolder: string;
  /** Removes what an interrupted upload left. */
  start(): Promise<void>;
  find(id: string): ComputingModel | null;
  /** Where the weights of a model are; null for a built-in potential. */
  readonly imported: (id: string) => ImportedModel | null;
  ids(): string[];
  list(owner: string, language: Language): Model[];
  /** @throws ServiceError 40403 */
  get(owner: string, id: string, language: Language): Model;
  /** @throws ServiceError 40904 | 42206 */
  upload(owner: string, file: ReceivedModelFile, config: ModelConfig, language: Language): Promise<Model>;
  /** @throws ServiceError 40305 built-in | 40403 | 40905 a task needs it */
  remove(owner: string, id: string): Promise<void>;
  /** Into every process that is free. @throws ServiceError 40403 | 40405 no such GPU | 50304 */
  load(owner: string, id: string, gpu_id: number | undefined, language: Language): Promise<PlacedModel>;
  /** By ending the processes that hold it and compute nothing. @throws ServiceError 40403 | 40405 no such GPU */
  unload(owner: string, id: string, gpu_id: number | undefined, language: Language): Promise<PlacedModel>;
  /** @throws ServiceError 40403 | 42206 the file is not what was uploaded, or cannot be computed with */
  validate(owner: string, id: string): Promise<ModelValidation>;
}

export interface ModelServiceParts {
  store: Store;
  pool: () => Pick<Pool, 'status' | 'loadModel' | 'unloadModel'>;
  logger: Logger;
  now: () => Date;
}

export function createModelService({ store, pool, logger, now }: ModelServiceParts): ModelService {
  const uploadFolder = store.modelsFolder;
  const imports = createImportedModels(uploadFolder, logger);

  /** A model without weights is held by every process that is ready, because there is nothing to load. */
  const holders = (model_id?: string): string[] => {
    const holding = pool()
      .status()
      .slots.filter(
        ({ isReady, loaded_models }) => isReady && (model_id === undefined || loaded_models.includes(model_id)),
      );
    return [...new Set(holding.map(({ gpu_uuid }) => gpu_uuid ?? 'cpu'))];
  };

  const builtin = (model: BuiltinModel, language: Language): Model => ({
    ...model,
    description: model.description[language],
    loaded_on: holders(),
  });

  const custom = (row: ModelRow, language: Language): Model => {
    const { model_id, config } = row;
    return describeImported(row, imports.stateOf(row.file), holders(model_id), config, language);
  };

  /** Names differ from each other also without regard to case; asked for they are as they were given. */
  const exactRow = (id: string): ModelRow | null => {
    const row = store.models.find(id);
    return row?.model_id === id ? row : null;
  };

  /** By its own name, or by another one of a published model. */
  const namedRow = (id: string): ModelRow | null => {
    const row = exactRow(id);
    if (row !== null) return row;
    const published = findPublishedModel(id);
    return published === null ? null : store.models.find(published.id);
  };

  const ownRow = (owner: string, id: string): ModelRow | null => {
    const row = namedRow(id);
    return row?.owner === owner ? row : null;
  };

  const importedOf = (row: ModelRow): ImportedModel | null => {
    const state = imports.stateOf(row.file);
    return state.isReady ? state.imported : null;
  };

  /** Under the name by which tasks hold it; null for what has no weights here. */
  const loadable = (owner: string, id: string): { id: string; imported: ImportedModel } | null => {
    const row = findModel(id) === null ? ownRow(owner, id) : null;
    const imported = row === null ? null : importedOf(row);
    return row === null || imported === null ? null : { id: row.model_id, imported };
  };

  const get = (owner: string, id: string, language: Language): Model => {
    const known = findModel(id);
    if (known !== null) return builtin(known, language);
    const row = ownRow(owner, id);
    if (row !== null) return custom(row, language);
    const published = findPublishedModel(id);
    if (published !== null) return describePublished(published, language);
    throw new ServiceError(40403, { message: `There is no model "${id}"; GET /models lists them.`, model: id });
  };

  const assertGpu = (gpu_id: number | undefined): void => {
    const { gpus } = pool().status();
    if (gpu_id === undefined || gpus.some(({ index }) => index === gpu_id)) return;
    const known = gpus.map(({ index }) => index);
    throw new ServiceError(40405, { message: `There is no GPU ${gpu_id}.`, field: 'gpu_id', gpu_id, known });
  };

  const assertNameIsFree = (name: string): void => {
    const isBuiltin = MODELS.some(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (!isBuiltin && store.models.find(name) === null) return;
    const message = `There is a model "${name}" already (case does not count); choose another config.name or delete it.`;
    throw new ServiceError(40904, { message, field: 'config.name', name });
  };

  const discard = async (file: string): Promise<void> => {
    await imports.forget(file);
    await rm(join(uploadFolder, file), { force: true });
  };

  /** In place for good, and read, before its row exists. */
  const keep = async (
    owner: string,
    { path, size_bytes }: ReceivedModelFile,
    config: ModelConfig,
  ): Promise<ModelRow> => {
    assertNameIsFree(config.name);
    const sha256 = Buffer.from(await hashFile(path), 'hex');
    const file = `${createId('model')}.pt`;
    await sync(path);
    await rename(path, join(uploadFolder, file));
    try {
      await imports.read({ file, name: config.name, details: config.details });
    } catch (error) {
      await discard(file);
      throw error;
    }
    const row = { model_id: config.name, owner, file, config, size_bytes, sha256, created_at: now().toISOString() };
    if (store.models.insert(row)) return row;
    // Somebody else took the name meanwhile.
    await discard(file);
    assertNameIsFree(config.name);
    throw new Error(`The model ${config.name} could not be stored.`);
  };

  return {
    uploadFolder,
    start: async () => {
      const kept = store.models
        .kept()
        .map(({ file, model_id, config }) => ({ file, name: model_id, details: config.details }));
      const known = new Set(kept.map(({ file }) => file));
      const strays = (await readdir(uploadFolder)).filter(
        (file) => !known.has(file) && !imports.isFolderOf(file, known),
      );
      await Promise.all(strays.map((file) => rm(join(uploadFolder, file), { recursive: true, force: true })));
      await imports.start(kept);
    },
    find: (id) => {
      const known = findModel(id);
      if (known !== null) return { ...known, imported: null };
      const row = namedRow(id);
      if (row !== null) return { ...custom(row, 'en'), imported: importedOf(row) };
      const published = findPublishedModel(id);
      return published === null ? null : { ...describePublished(published, 'en'), imported: null };
    },
    imported: (id) => {
      const row = findModel(id) === null ? namedRow(id) : null;
      return row === null ? null : importedOf(row);
    },
    ids: () => [...MODELS.map(({ id }) => id), ...store.models.ids()],
    list: (owner, language) => [
      ...MODELS.map((model) => builtin(model, language)),
      ...store.models.all(owner).map((row) => custom(row, language)),
      ...PUBLISHED_MODELS.filter(({ id }) => store.models.find(id) === null).map((model) =>
        describePublished(model, language),
      ),
    ],
    get,
    upload: async (owner, file, config, language) => custom(await keep(owner, file, config), language),
    remove: async (owner, id) => {
      if (findModel(id) !== null) {
        throw new ServiceError(40305, { message: `${id} is built in and cannot be deleted.`, model: id });
      }
      const row = ownRow(owner, id);
      if (row === null && findPublishedModel(id) !== null) {
        throw new ServiceError(40305, {
          message: `${id} is not on this computer; there is nothing to delete.`,
          model: id,
        });
      }
      if (row === null) throw new ServiceError(40403, { message: `There is no model "${id}".`, model: id });
      const n_tasks = OPEN_STATES.reduce(
        (sum, status) => sum + store.tasks.count({ owner, model: row.model_id, status }),
        0,
      );
      if (n_tasks > 0) {
        const message = `${n_tasks} tasks wait for ${id} or run with it; cancel them first.`;
        throw new ServiceError(40905, { message, model: id, n_tasks });
      }
      store.models.remove(row.model_id);
      await discard(row.file);
    },
    load: async (owner, id, gpu_id, language) => {
      const model = get(owner, id, language);
      assertGpu(gpu_id);
      if (!model.is_available) throw notLoaded(id, model.unavailable_reason ?? '');
      const imported = loadable(owner, id);
      if (imported === null) return { ...model, placements: [] };
      const [element] = model.supported_elements;
      if (element === undefined) throw notLoaded(id, 'It knows no element.');
      const placements = await pool()
        .loadModel({ ...imported, element }, gpu_id)
        .catch((error: unknown) => {
          throw error instanceof ServiceError ? error : notLoaded(id, error instanceof Error ? error.message : '');
        });
      return { ...get(owner, id, language), placements };
    },
    unload: async (owner, id, gpu_id, language) => {
      assertGpu(gpu_id);
      get(owner, id, language);
      const imported = loadable(owner, id);
      const placements = imported === null ? [] : await pool().unloadModel(imported.id, gpu_id);
      return { ...get(owner, id, language), placements };
    },
    validate: async (owner, id) => {
      const { is_custom, is_available, unavailable_reason } = get(owner, id, 'en');
      if (!is_custom && !is_available) {
        throw new ServiceError(50304, { message: unavailable_reason ?? '', model: id, reason: unavailable_reason });
      }
      if (!is_custom) return { model_id: id, is_valid: true, checks: ['its parameters are part of the program'] };
      const row = ownRow(owner, id);
      const path = join(uploadFolder, row?.file ?? '');
      const sha256 = await hashFile(path).catch(() => null);
      if (row === null || sha256 !== Buffer.from(row.sha256).toString('hex')) {
        const message = `The file of ${id} is missing or is not what was uploaded; delete the model and upload it again.`;
        throw new ServiceError(42206, { message, model: id });
      }
      await imports.check({ file: row.file, name: row.model_id, details: row.config.details });
      return { model_id: id, is_valid: true, checks: ['its SHA-256 is that of the upload', 'it was read once more'] };
    },
  };
}

function notLoaded(id: string, reason: string): ServiceError {
  return new ServiceError(50304, { message: `${id} cannot be loaded: ${reason}`, model: id, reason });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
