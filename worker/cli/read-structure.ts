// FILE on the command line: a structure file of the user, or the name of a built-in structure.
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { builtinStructureIndexSchema } from '../../contracts/structure.ts';
import type { Structure, StructureFormat } from '../../contracts/structure.ts';
import { DEFAULT_PARSE_LIMITS } from '../structures/parsed-structure.ts';
import { assertFileSize, parseStructure } from '../structures/parse-structure.ts';
import { StructureError } from '../structures/structure-error.ts';
import { badInput } from './cli-error.ts';

export interface NamedStructure {
  name: string;
  structure: Structure;
  warnings: readonly string[];
  /** The file. */
  given: { format: StructureFormat; bytes: Uint8Array };
}

/**
 * A path wins over a built-in name.
 *
 * @throws CliError bad input: not there, not readable, not a structure
 */
export async function readStructure(file: string, resourcesFolder: string): Promise<NamedStructure> {
  const path = existsSync(file) ? file : await builtinPath(file, join(resourcesFolder, 'structures'));
  try {
    assertFileSize((await stat(path)).size, DEFAULT_PARSE_LIMITS);
    const bytes = await readFile(path);
    const [{ structure, warnings, format }, ...others] = parseStructure(bytes, basename(path));
    const unread =
      others.length === 0
        ? []
        : [
            `${basename(path)} holds ${others.length + 1} structures; the first one is used; a single-point energy takes all with all_frames.`,
          ];
    return { name: nameOf(path), structure, warnings: [...warnings, ...unread], given: { format, bytes } };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const subject = cause instanceof StructureError ? basename(path) : path;
    throw badInput(`${subject} cannot be used: ${reason}`, { cause });
  }
}

async function builtinPath(name: string, folder: string): Promise<string> {
  const json: unknown = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'));
  const { structures } = builtinStructureIndexSchema.parse(json);
  const entry = structures.find((structure) => structure.name === name);
  if (entry !== undefined) return join(folder, entry.file);
  const names = structures.map((structure) => structure.name).join(', ');
  throw badInput(`${name} is neither a file nor a built-in structure. Built-in are: ${names}.`);
}

function nameOf(path: string): string {
  return basename(path).replace(/\.(cif|mcif|xyz|extxyz|vasp|poscar)$/i, '');
}
