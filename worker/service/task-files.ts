// The files that a task leaves: which there are, and a name that is safe to open. Nothing outside the task's folder, no
// links, no hidden or unfinished file.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';

const VISIBLE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export interface TaskFile {
  filename: string;
  size_bytes: number;
}

/** Sorted by name; empty when the folder is missing. */
export async function listTaskFiles(folder: string): Promise<TaskFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files: TaskFile[] = [];
  for (const filename of names.filter((name) => VISIBLE_NAME.test(name)).sort()) {
    const size_bytes = await sizeOfFile(join(folder, filename));
    if (size_bytes !== null) files.push({ filename, size_bytes });
  }
  return files;
}

/** @throws ServiceError 40405 unless `filename` is a plain, visible file of this folder */
export async function checkTaskFile(folder: string, filename: string): Promise<void> {
  if (VISIBLE_NAME.test(filename) && (await sizeOfFile(join(folder, filename))) !== null) return;
  throw new ServiceError(40405, {
    message: 'The task has no such file. GET /files/{task_id} lists what there is.',
    filename,
  });
}

/** null for anything but a plain file; lstat, because a link could lead out of the folder. */
async function sizeOfFile(path: string): Promise<number | null> {
  try {
    const found = await lstat(path);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
