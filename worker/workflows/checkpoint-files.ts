// Files by which an attempt hands its work to the next one: `checkpoint.*` in the folder of the task.
import { constants, copyFile, link, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'checkpoint.';

export function checkpointFile(folder: string, name: string): string {
  return join(folder, `${PREFIX}${name}`);
}

export async function removeCheckpoints(folder: string): Promise<void> {
  await Promise.all((await checkpointsOf(folder)).map((name) => rm(join(folder, name), { force: true })));
}

export async function hasCheckpoints(folder: string): Promise<boolean> {
  return (await checkpointsOf(folder)).length > 0;
}

async function checkpointsOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
}

/**
 * Gives a file a second name, in place of what had it, so that neither name is ever missing or torn. The bytes are shared where
 * the file system can; then a change through one name is seen through the other.
 *
 * @returns false when there is no such file, or when another one takes its place at this very moment
 */
export async function shareFile(from: string, to: string): Promise<boolean> {
  const temporary = `${to}.new`;
  await rm(temporary, { force: true });
  try {
    await link(from, temporary);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // Also of a file that loses its last name between the look-up and the link.
    if (error.code === 'ENOENT') return false;
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
  }
  await rename(temporary, to);
  return true;
}
