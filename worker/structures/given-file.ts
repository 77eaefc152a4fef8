// A structure file as it was given, in the folder of a task that reads every structure of it: `input.*`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { structureFormatSchema } from '../../contracts/structure.ts';
import type { StructureFormat } from '../../contracts/structure.ts';

const EXTENSIONS: Readonly<Record<StructureFormat, string>> = { cif: 'cif', xyz: 'xyz', poscar: 'vasp' };

/** Every name that it can have. */
export const GIVEN_FILENAMES: readonly string[] = structureFormatSchema.options.map(givenFilename);

const everyFrameSchema = z.union([
  z.object({ all_frames: z.literal(true) }),
  z.object({ reference_frames: z.literal(true) }),
]);

/** Is the task with these parameters about more than the first structure of its file? */
export function readsGivenFile(parameters: unknown): boolean {
  return everyFrameSchema.safeParse(parameters).success;
}

export function givenFilename(format: StructureFormat): string {
  return `input.${EXTENSIONS[format]}`;
}

/** null when the task got only one structure: that of another task. */
export async function readGivenFile(folder: string): Promise<{ filename: string; bytes: Uint8Array } | null> {
  for (const filename of GIVEN_FILENAMES) {
    try {
      return { filename, bytes: await readFile(join(folder, filename)) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return null;
}
