// The structures of a campaign from the words of a command line: folders, files, names of built-in structures.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CampaignStructure } from '../../../contracts/campaign.ts';
import { MAX_INLINE_STRUCTURE_LENGTH } from '../../../contracts/structure.ts';
import type { StructureFormat } from '../../../contracts/structure.ts';
import { badInput } from '../cli-error.ts';

const FORMATS: readonly [RegExp, StructureFormat][] = [
  [/\.cif$/i, 'cif'],
  [/\.(xyz|extxyz)$/i, 'xyz'],
  [/(^(POSCAR|CONTCAR)$|\.(vasp|poscar)$)/i, 'poscar'],
];
/** Texts that go along with the submission, which takes 32 MiB; what is more is uploaded first. */
const MAX_TEXT_BYTES = 20 * 1024 * 1024;

/** A file, or a built-in structure. */
export interface NamedSource {
  name: string;
  file: string | null;
}

/** @throws CliError bad input: a folder without structures, no structure at all */
export function findSources(words: readonly string[]): NamedSource[] {
  const found = words.flatMap((word): NamedSource[] => {
    if (!existsSync(word)) return [{ name: word, file: null }];
    return (statSync(word).isDirectory() ? filesIn(word) : [word]).map((file) => ({ name: basename(file), file }));
  });
  return withoutEndings(found);
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => formatOf(name) !== null)
    .sort();
  if (names.length === 0) throw badInput(`${folder} holds no CIF, XYZ or POSCAR file.`);
  return names.map((name) => join(folder, name));
}

/** `a.cif` is called `a`, unless something else is called so, too. */
function withoutEndings(sources: readonly NamedSource[]): NamedSource[] {
  const short = (name: string): string => name.replace(/\.(cif|xyz|extxyz|vasp|poscar)$/i, '');
  const counts = new Map<string, number>();
  for (const { name } of sources) counts.set(short(name), (counts.get(short(name)) ?? 0) + 1);
  return sources.map(({ name, file }) => ({ name: counts.get(short(name)) === 1 ? short(name) : name, file }));
}

function formatOf(file: string): StructureFormat | null {
  return FORMATS.find(([pattern]) => pattern.test(basename(file)))?.[1] ?? null;
}

export type Upload = (filename: string, bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

/**
 * Texts go along as they are, as many as fit; the others are uploaded.
 *
 * @param upload returns the file_id; an Error of it becomes the `problem` of the structure, which does not stop the others
 */
export async function loadStructures(sources: readonly NamedSource[], upload: Upload): Promise<CampaignStructure[]> {
  const structures: CampaignStructure[] = [];
  let n_bytes = 0;
  for (const { name, file } of sources) {
    if (file === null) {
      structures.push({ name, structure: { source: 'builtin', name } });
      continue;
    }
    const bytes = await readFile(file).catch((error: unknown) => String(error));
    if (typeof bytes === 'string') {
      structures.push({ name, structure: null, problem: `${file} cannot be read: ${bytes}` });
      continue;
    }
    const format = formatOf(file);
    if (format !== null && bytes.length <= MAX_INLINE_STRUCTURE_LENGTH && n_bytes + bytes.length <= MAX_TEXT_BYTES) {
      n_bytes += bytes.length;
      const content = bytes.toString('utf8');
      structures.push({ name, structure: { source: 'inline', format, content, name: basename(file) } });
    } else structures.push(await uploaded(name, basename(file), bytes, upload));
  }
  return structures;
}

async function uploaded(
  name: string,
  filename: string,
  bytes: Uint8Array<ArrayBuffer>,
  upload: Upload,
): Promise<CampaignStructure> {
  try {
    return { name, structure: { source: 'upload', file_id: await upload(filename, bytes) } };
  } catch (error) {
    return { name, structure: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
