// The folder of a model: written beside its place and renamed, so that it is there as a whole or not at all.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServiceError } from '../../../contracts/error-code.ts';
import {
  MACE_MODEL_FILE,
  MACE_MODEL_FORMAT,
  MACE_MODEL_FORMAT_VERSION,
  MACE_TENSOR_FILE,
  maceModelSchema,
} from '../../../contracts/mace-model.ts';
import type { MaceModel } from '../../../contracts/mace-model.ts';
import { syncFolder } from '../../store/write-file.ts';
import type { ExtractedModel } from './extract.ts';
import { safetensorsParts } from './safetensors.ts';

/** Bytes; fewer cost a turn of the event loop each. */
const HASHED_AT_ONCE = 2 ** 20;

/** The file that a model was read from. */
export type ModelOrigin = Omit<MaceModel['source'], 'class_name'>;

/** A name beside `folder` for what is not finished; the leading dot keeps it out of every listing. */
export function temporaryFolderOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** @param folder does not exist yet; on the disk when this returns */
export async function fillModelFolder(
  folder: string,
  { description, tensors }: ExtractedModel,
  origin: ModelOrigin,
): Promise<MaceModel> {
  await mkdir(folder, { recursive: true });
  const parts = safetensorsParts(tensors);
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  await writeSynced(join(folder, MACE_TENSOR_FILE), parts);
  const { class_name, ...rest } = description;
  const model = maceModelSchema.parse({
    format: MACE_MODEL_FORMAT,
    format_version: MACE_MODEL_FORMAT_VERSION,
    source: { ...origin, class_name },
    tensors_sha256: hash.digest('hex'),
    ...rest,
  });
  await writeSynced(join(folder, MACE_MODEL_FILE), [`${JSON.stringify(model, null, 2)}\n`]);
  await syncFolder(folder);
  return model;
}

/**
 * Puts a filled folder in its place. Where the same model is there already, as of another process at the same time, that one stays.
 *
 * @throws ServiceError 40904 when something else is there
 */
export async function publishModelFolder(temporary: string, folder: string, model: MaceModel): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    const present = await readModelFolder(folder).catch(() => null);
    if (present?.tensors_sha256 === model.tensors_sha256) return;
    const message = `${basename(folder)} exists already and holds something else; choose another id, or remove it first.`;
    throw new ServiceError(40904, { message, name: basename(folder) }, { cause: error });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await syncFolder(dirname(folder));
}

/** @throws ServiceError 42206 when it is not the folder of a model, or not of this version */
export async function readModelFolder(folder: string): Promise<MaceModel> {
  const path = join(folder, MACE_MODEL_FILE);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ServiceError(42206, { message: `There is no ${MACE_MODEL_FILE} in ${basename(folder)}.` }, { cause });
  });
  const parsed = maceModelSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const message = `${MACE_MODEL_FILE} of ${basename(folder)} is not of this version; import the checkpoint again.`;
    throw new ServiceError(42206, { message }, { cause: parsed.error });
  }
  const tensors = await stat(join(folder, MACE_TENSOR_FILE)).catch(() => null);
  if (tensors?.isFile() !== true) {
    throw new ServiceError(42206, { message: `There is no ${MACE_TENSOR_FILE} in ${basename(folder)}.` });
  }
  return parsed.data;
}

/** @throws ServiceError 42206 when the numbers are not those that were imported */
export async function verifyModelFolder(folder: string): Promise<MaceModel> {
  const model = await readModelFolder(folder);
  if ((await hashFile(join(folder, MACE_TENSOR_FILE))) !== model.tensors_sha256) {
    const message = `${MACE_TENSOR_FILE} of ${basename(folder)} was changed or damaged; import the checkpoint again.`;
    throw new ServiceError(42206, { message });
  }
  return model;
}

/** SHA-256, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(HASHED_AT_ONCE);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function writeSynced(path: string, parts: readonly (Uint8Array | string)[]): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
