// Where a command leaves its results: a new or empty folder, never over somebody's files.
import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badInput } from './cli-error.ts';

/** @returns its absolute path. @throws CliError bad input */
export async function prepareFolder(out: string): Promise<string> {
  const folder = resolve(out);
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0) {
      throw badInput(`${folder} is not empty. Choose another folder with --out.`);
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) {
      throw badInput(`${folder} cannot be used for the results: ${cause.message}`, { cause });
    }
    throw cause;
  }
  return folder;
}
