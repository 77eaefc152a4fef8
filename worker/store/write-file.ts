// Files that are complete or absent: temporary name, fsync, rename, fsync of the folder.
import { closeSync, fdatasync, fsync, fsyncSync, openSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const sync = { all: promisify(fsync), content: promisify(fdatasync) };

/** @param content whole, or texts one after another for what would be large as one */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | Iterable<string>,
  mode = 0o600,
): Promise<void> {
  const folder = dirname(path);
  // The leading dot keeps an unfinished file out of every listing.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** While requests are answered: waiting for the disk must not hold up all others. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await syncBeside(folder, 'r', 'all');
}

/**
 * Waits for the disk beside the event loop; opening and closing wait for nothing, and are cheaper where they are.
 *
 * @param what `content`: all that is needed to read it again, but not, for instance, when it was changed; that saves a file system
 *   an entry in its journal
 */
export async function syncBeside(path: string, flags: 'r' | 'r+', what: 'all' | 'content'): Promise<void> {
  const handle = openSync(path, flags);
  try {
    await sync[what](handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a file, or a rename inside a folder, durable, and waits for it. Windows cannot open folders, and its rename is durable by itself. */
export function syncPath(path: string): void {
  const isFolder = statSync(path).isDirectory();
  if (isFolder && process.platform === 'win32') return;
  const handle = openSync(path, isFolder ? 'r' : 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
