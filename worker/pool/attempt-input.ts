// What a task's folder holds for its attempt.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { Structure } from '../../contracts/structure.ts';

/** The task's input in its folder: structure, summary and name. */
export const STRUCTURE_FILE = 'structure.json';

/** @throws Error when the file is missing or not what it should be */
export async function readAttemptInput(folder: string): Promise<Structure> {
  await mkdir(folder, { recursive: true });
  const json: unknown = JSON.parse(await readFile(join(folder, STRUCTURE_FILE), 'utf8'));
  return structureGeometrySchema.parse(json).structure;
}
