// The models that a user can pick: the built-in ones and the checkpoints that users brought. A checkpoint is kept with its
// checksum and listed; it is not computed with until there is a reader that builds data and calls nothing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Model, ModelConfig, ModelValidation } from '../../contracts/model.ts';
import { findModel, MODELS } from '../models/catalogue.ts';
import type { BuiltinModel } from '../models/catalogue.ts';
import { inspectCheckpoint } from '../models/inspect-checkpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { ModelRow } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { Words } from './alert-rules.ts';
import { createId } from './ids.ts';

const OPEN_STATES = ['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING'] as const;
/** Of a checkpoint whose configuration says nothing; the document of the API has it for MACE. */
const ASSUMED_MAX_ATOMS = 5000;
const NOT_READABLE: Words = {
  zh: '文件已保存并校验，但此版本尚不能读取自定义检查点，因此不能用它计算；请改用内置模型 uff4mof。',
  en: 'The file is kept with its checksum, but this version cannot read checkpoints of users yet, so nothing can be computed with it; use the built-in model uff4mof.',
};
const ALL_ELEMENTS: readonly string[] = [...new Set(MODELS.flatMap(({ supported_elements }) => supported_elements))];

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
  find(id: string): Omit<BuiltinModel, 'description'> | null;
  ids(): string[];
  list(owner: string, language: Language): Model[];
  /** @throws ServiceError 40403 */
  get(owner: string, id: string, language: Language): Model;
  /** @throws ServiceError 40904 | 42206 */
  upload(owner: string, file: ReceivedModelFile, config: ModelConfig, language: Language): Promise<Model>;
  /** @throws ServiceError 40305 built-in | 40403 | 40905 a task needs it */
  remove(owner: string, id: string): Promise<void>;
  /** @throws ServiceError 40403 | 40405 no such GPU | 50304 */
  load(owner: string, id: string, gpu_id: number | undefined, language: Language): Model;
  /** @throws ServiceError 40403 | 40405 no such GPU */
  unload(owner: string, id: string, gpu_id: number | undefined, language: Language): Model;
  /** @throws ServiceError 40403 | 42206 the file is not what was uploaded | 50301 it cannot be read yet */
  validate(owner: string, id: string): Promise<ModelValidation>;
}

export interface ModelServiceParts {
  store: Store;
  pool: () => Pick<Pool, 'status'>;
  now: () => Date;
}

export function createModelService({ store, pool, now }: ModelServiceParts): ModelService {
  const uploadFolder = store.modelsFolder;

  /** A model without weights is held by every process that is ready, because there is nothing to load. */
  const holders = (): string[] => {
    const ready = pool()
      .status()
      .slots.filter(({ isReady }) => isReady);
    return [...new Set(ready.map(({ gpu_uuid }) => gpu_uuid ?? 'cpu'))];
  };

  const builtin = (model: BuiltinModel, language: Language): Model => ({
    ...model,
    description: model.description[language],
    loaded_on: holders(),
  });

  const custom = ({ model_id, config, size_bytes, sha256 }: ModelRow, language: Language): Model => ({
    id: model_id,
    name: config.name,
    family: config.family,
    version: config.version,
    supported_elements: config.supported_elements ?? [],
    max_atoms: config.max_atoms ?? ASSUMED_MAX_ATOMS,
    d3_available: false,
    description: config.description,
    citation: '',
    is_custom: true,
    is_available: false,
    unavailable_reason: NOT_READABLE[language],
    loaded_on: [],
    sha256: Buffer.from(sha256).toString('hex'),
    size_bytes,
  });

  /** Names differ from each other also without regard to case; asked for they are as they were given. */
  const exactRow = (id: string): ModelRow | null => {
    const row = store.models.find(id);
    return row?.model_id === id ? row : null;
  };

  const ownRow = (owner: string, id: string): ModelRow | null => {
    const row = exactRow(id);
    return row?.owner === owner ? row : null;
  };

  const get = (owner: string, id: string, language: Language): Model => {
    const known = findModel(id);
    if (known !== null) return builtin(known, language);
    const row = ownRow(owner, id);
    if (row !== null) return custom(row, language);
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

  /** In place for good before its row exists. */
  const keep = async (
    owner: string,
    { path, size_bytes }: ReceivedModelFile,
    config: ModelConfig,
  ): Promise<ModelRow> => {
    assertNameIsFree(config.name);
    const problem = await inspectCheckpoint(path);
    if (problem !== null) throw new ServiceError(42206, { message: `The model file is not usable. ${problem}` });
    const sha256 = await hashFile(path);
    const file = `${createId('model')}.pt`;
    await sync(path);
    await rename(path, join(uploadFolder, file));
    const row = { model_id: config.name, owner, file, config, size_bytes, sha256, created_at: now().toISOString() };
    if (store.models.insert(row)) return row;
    // Somebody else took the name meanwhile.
    await rm(join(uploadFolder, file), { force: true });
    assertNameIsFree(config.name);
    throw new Error(`The model ${config.name} could not be stored.`);
  };

  return {
    uploadFolder,
    start: async () => {
      const known = new Set(store.models.files());
      const strays = (await readdir(uploadFolder)).filter((file) => !known.has(file));
      await Promise.all(strays.map((file) => rm(join(uploadFolder, file), { force: true })));
    },
    find: (id) => {
      const known = findModel(id);
      const row = known === null ? exactRow(id) : null;
      if (row === null) return known;
      const { supported_elements, ...model } = custom(row, 'en');
      // Which elements it knows stands in the file; until somebody has read it, none is refused.
      return { ...model, supported_elements: supported_elements.length > 0 ? supported_elements : [...ALL_ELEMENTS] };
    },
    ids: () => [...MODELS.map(({ id }) => id), ...store.models.ids()],
    list: (owner, language) => [
      ...MODELS.map((model) => builtin(model, language)),
      ...store.models.all(owner).map((row) => custom(row, language)),
    ],
    get,
    upload: async (owner, file, config, language) => custom(await keep(owner, file, config), language),
    remove: async (owner, id) => {
      if (findModel(id) !== null) {
        throw new ServiceError(40305, { message: `${id} is built in and cannot be deleted.`, model: id });
      }
      const row = ownRow(owner, id);
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
      await rm(join(uploadFolder, row.file), { force: true });
    },
    load: (owner, id, gpu_id, language) => {
      const model = get(owner, id, language);
      assertGpu(gpu_id);
      if (model.is_available) return model;
      throw new ServiceError(50304, { message: NOT_READABLE.en, model: id, reason: model.unavailable_reason });
    },
    unload: (owner, id, gpu_id, language) => {
      assertGpu(gpu_id);
      return get(owner, id, language);
    },
    validate: async (owner, id) => {
      const { is_custom } = get(owner, id, 'en');
      if (!is_custom) return { model_id: id, is_valid: true, checks: ['its parameters are part of the program'] };
      const row = ownRow(owner, id);
      const path = join(uploadFolder, row?.file ?? '');
      const sha256 = await hashFile(path).catch(() => null);
      if (row === null || sha256 === null || Buffer.compare(sha256, row.sha256) !== 0) {
        const message = `The file of ${id} is missing or is not what was uploaded; delete the model and upload it again.`;
        throw new ServiceError(42206, { message, model: id });
      }
      throw new ServiceError(50301, {
        message: NOT_READABLE.en,
        model: id,
        reason: NOT_READABLE.en,
        sha256_matches: true,
      });
    },
  };
}

async function hashFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(Buffer.from(chunk as Uint8Array));
  return new Uint8Array(hash.digest());
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
