// A checkpoint that is used by its path: imported once into a cache and found there by its content, whatever it is called.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MACE_MODEL_FORMAT_VERSION } from '../../../contracts/mace-model.ts';
import type { MaceModel, StateDictDetails } from '../../../contracts/mace-model.ts';
import { importCheckpoint } from './import-checkpoint.ts';
import { hashFile, readModelFolder } from './model-folder.ts';

/** A medium model takes some 70 MB. */
const MOST_KEPT = 16;

export interface CachedModel {
  readonly folder: string;
  readonly model: MaceModel;
}

/**
 * Processes that do this at the same time each import, and the first one's folder stays.
 *
 * @param cacheFolder is made when it is not there
 * @throws ServiceError 42206
 */
export async function importIntoCache(
  path: string,
  cacheFolder: string,
  details?: StateDictDetails,
): Promise<CachedModel> {
  const sha256 = await hashFile(path);
  const folder = join(cacheFolder, keyOf(sha256, details));
  const present = await readModelFolder(folder).catch(() => null);
  if (present !== null) {
    const now = new Date();
    await utimes(folder, now, now);
    return { folder, model: present };
  }
  await mkdir(cacheFolder, { recursive: true });
  // What is there and cannot be read was damaged: nothing but a whole folder ever gets this name.
  await rm(folder, { recursive: true, force: true });
  const options = { file_name: basename(path), sha256, ...(details === undefined ? {} : { details }) };
  const model = await importCheckpoint(path, folder, options);
  await forgetOldest(cacheFolder);
  return { folder, model };
}

/** Those that were not used for longest; one that is gone is imported again. */
async function forgetOldest(cacheFolder: string): Promise<void> {
  const names = (await readdir(cacheFolder)).filter((name) => !name.startsWith('.'));
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(cacheFolder, name);
      return { path, usedAt: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const oldest = folders.sort((a, b) => b.usedAt - a.usedAt).slice(MOST_KEPT);
  await Promise.all(oldest.map(({ path }) => rm(path, { recursive: true, force: true })));
}

/** Content of the file, what was said beside it, and the format. */
function keyOf(content: string, details: StateDictDetails | undefined): string {
  if (details === undefined) return `${content}-v${MACE_MODEL_FORMAT_VERSION}`;
  const said = createHash('sha256').update(JSON.stringify(details)).digest('hex').slice(0, 16);
  return `${content}-${said}-v${MACE_MODEL_FORMAT_VERSION}`;
}
