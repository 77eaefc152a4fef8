// The checkpoints that users brought, as the kernel reads them: each is imported once, into a folder beside it.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { MaceModel, StateDictDetails } from '../../contracts/mace-model.ts';
import type { ImportedModel } from '../../contracts/model.ts';
import type { Logger } from '../logger.ts';
import { importCheckpoint } from '../models/mace/import-checkpoint.ts';
import { readModelFolder } from '../models/mace/model-folder.ts';
import { symbolOfAtomicNumber } from '../structures/elements.ts';
import type { Words } from './alert-rules.ts';

const FOLDER_SUFFIX = '.imported';

const STILL_READING: Words = {
  zh: '正在读取模型文件，请稍候再试。',
  en: 'The file of the model is being read; try again in a moment.',
};

/** What is known of a checkpoint. */
export type ImportState =
  | { isReady: true; imported: ImportedModel; elements: string[]; summary: Words }
  /** Why nothing can be computed with it. */
  | { isReady: false; reason: Words };

/** A file in the folder of the models, and the name that its user gave it. */
export interface KeptCheckpoint {
  file: string;
  name: string;
  details?: StateDictDetails | undefined;
}

export interface ImportedModels {
  /** Of a checkpoint in the folder of the models; reads it unless that was done. @throws ServiceError 42206 */
  read(checkpoint: KeptCheckpoint): Promise<void>;
  /** Reads it once more, beside what is in use. @throws ServiceError 42206 */
  check(checkpoint: KeptCheckpoint): Promise<void>;
  /** Begins with what was imported before; what was not is read in the background. */
  start(checkpoints: readonly KeptCheckpoint[]): Promise<void>;
  stateOf(file: string): ImportState;
  forget(file: string): Promise<void>;
  /** Is this entry of the folder of the models the import of one of these checkpoints? */
  isFolderOf(entry: string, files: ReadonlySet<string>): boolean;
}

export function createImportedModels(folder: string, logger: Logger): ImportedModels {
  const states = new Map<string, ImportState>();
  const folderOf = (file: string): string => join(folder, `${file}${FOLDER_SUFFIX}`);

  const keep = (file: string, model: MaceModel): void => {
    const { r_max_A, heads, atomic_numbers } = model;
    const elements = atomic_numbers.flatMap((number) => symbolOfAtomicNumber(number) ?? []);
    states.set(file, {
      isReady: true,
      imported: { folder: folderOf(file), r_max_A, heads },
      elements,
      summary: summaryOf(model),
    });
  };

  const read = async ({ file, ...known }: KeptCheckpoint): Promise<void> => {
    // What is damaged, or of an older program.
    await rm(folderOf(file), { recursive: true, force: true });
    keep(file, await importCheckpoint(join(folder, file), folderOf(file), optionsOf(known)));
  };

  const check = async ({ file, ...known }: KeptCheckpoint): Promise<void> => {
    const scratch = join(folder, `${file}.${randomUUID()}`);
    try {
      await importCheckpoint(join(folder, file), scratch, optionsOf(known));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };

  const readAgain = async (checkpoint: KeptCheckpoint): Promise<void> => {
    const { file } = checkpoint;
    try {
      await read(checkpoint);
    } catch (error) {
      const message = sentenceOf(error);
      logger.error(`The model ${checkpoint.name} cannot be used: ${message}`, { file });
      states.set(file, { isReady: false, reason: { zh: `无法使用该模型文件：${message}`, en: message } });
    }
  };

  return {
    read,
    check,
    start: async (checkpoints) => {
      const missing: KeptCheckpoint[] = [];
      for (const checkpoint of checkpoints) {
        const known = await readModelFolder(folderOf(checkpoint.file)).catch(() => null);
        if (known === null) missing.push(checkpoint);
        else keep(checkpoint.file, known);
      }
      void (async () => {
        for (const checkpoint of missing) await readAgain(checkpoint);
      })();
    },
    stateOf: (file) => states.get(file) ?? { isReady: false, reason: STILL_READING },
    forget: async (file) => {
      states.delete(file);
      await rm(folderOf(file), { recursive: true, force: true });
    },
    isFolderOf: (entry, files) => entry.endsWith(FOLDER_SUFFIX) && files.has(entry.slice(0, -FOLDER_SUFFIX.length)),
  };
}

function optionsOf({ name, details }: Omit<KeptCheckpoint, 'file'>) {
  return { file_name: name, ...(details === undefined ? {} : { details }) };
}

function sentenceOf(error: unknown): string {
  if (error instanceof ServiceError) return String(error.details.message);
  return error instanceof Error ? error.message : String(error);
}

/** For a model of which nobody said what it is. */
function summaryOf({ n_channels, layers, r_max_A, n_parameters, heads }: MaceModel): Words {
  const l_max = Math.max(...layers.map(({ product }) => product.output_l_max));
  const named = heads.length > 1 ? heads.join(', ') : null;
  return {
    zh:
      `MACE：${n_channels} 通道，L = ${l_max}，${layers.length} 层，截断 ${r_max_A} Å，${n_parameters} 个参数` +
      (named === null ? '。' : `；输出头：${named}。`),
    en:
      `MACE: ${n_channels} channels, L = ${l_max}, ${layers.length} layers, cutoff ${r_max_A} A, ${n_parameters} parameters` +
      (named === null ? '.' : `; heads: ${named}.`),
  };
}
