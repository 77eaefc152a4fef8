// Reading an exported task that somebody sent: nothing of it is written to disk, names and sizes are checked before and while
// it is read, and every entry must have the checksum that the archive states.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fromRandomAccessReaderPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { z } from 'zod';
import {
  ARCHIVE_CHECKSUMS,
  ARCHIVE_MANIFEST,
  ARCHIVE_OUTPUTS_FOLDER,
  ARCHIVE_STRUCTURE,
  taskArchiveSchema,
} from '../../contracts/task-archive.ts';
import type { TaskArchive } from '../../contracts/task-archive.ts';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import { GIVEN_FILENAMES } from '../structures/given-file.ts';
import { FileReader } from './file-reader.ts';

const MEBIBYTE = 1024 * 1024;

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Of all entries together, unpacked. */
  readonly maxTotalBytes: number;
  /** Of one entry that is kept in memory, unpacked. */
  readonly maxKeptBytes: number;
  /** An entry that unpacks to more than this many times its size is no trajectory. */
  readonly maxRatio: number;
}

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  maxEntries: 10_000,
  maxTotalBytes: 64 * 1024 * MEBIBYTE,
  maxKeptBytes: 256 * MEBIBYTE,
  maxRatio: 300,
};
/** Small entries may be packed as well as they like. */
const RATIO_COUNTS_FROM_BYTES = MEBIBYTE;

const RESULT = `${ARCHIVE_OUTPUTS_FOLDER}result.json`;
/** Of a task about every structure of a file: the file, which lay in its folder. */
const ALL_FRAMES = GIVEN_FILENAMES.map((filename) => ({ filename, name: `${ARCHIVE_OUTPUTS_FOLDER}${filename}` }));
const KEPT: readonly string[] = [
  ARCHIVE_MANIFEST,
  ARCHIVE_STRUCTURE,
  RESULT,
  ARCHIVE_CHECKSUMS,
  ...ALL_FRAMES.map(({ name }) => name),
];

/** What is wrong with an archive, in a sentence for its user. */
export class ArchiveError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
  }
}

export interface ReadArchive {
  manifest: TaskArchive;
  /** null when the task never got its structure. */
  input: StructureGeometry | null;
  /** null unless the task had completed. */
  result: unknown;
  /** The file of a task about every structure of it; null of every other. */
  all_frames: { filename: string; bytes: Uint8Array } | null;
}

/** @throws ArchiveError */
export async function readArchive(path: string, limits = DEFAULT_ARCHIVE_LIMITS): Promise<ReadArchive> {
  const { kept, hashes } = await readEntries(path, limits);
  checkSums(kept.get(ARCHIVE_CHECKSUMS), hashes);
  return {
    manifest: parseJson(taskArchiveSchema, kept, ARCHIVE_MANIFEST),
    input: kept.has(ARCHIVE_STRUCTURE) ? parseJson(structureGeometrySchema, kept, ARCHIVE_STRUCTURE) : null,
    result: kept.has(RESULT) ? jsonOf(kept, RESULT) : null,
    all_frames: allFramesOf(kept),
  };
}

function allFramesOf(kept: Entries['kept']): ReadArchive['all_frames'] {
  for (const { filename, name } of ALL_FRAMES) {
    const bytes = kept.get(name);
    if (bytes !== undefined) return { filename, bytes };
  }
  return null;
}

interface Entries {
  kept: ReadonlyMap<string, Buffer>;
  hashes: ReadonlyMap<string, string>;
}

async function readEntries(path: string, limits: ArchiveLimits): Promise<Entries> {
  const kept = new Map<string, Buffer>();
  const hashes = new Map<string, string>();
  let total = 0;
  let file: FileHandle | null = null;
  try {
    // yauzl refuses absolute names, `..` and backslashes, and entries that unpack to another size than they state.
    file = await open(path);
    const sizeBytes = (await file.stat()).size;
    const options = { strictFileNames: true, validateEntrySizes: true, autoClose: false };
    const zip = await fromRandomAccessReaderPromise(new FileReader(file, sizeBytes), sizeBytes, options);
    for await (const entry of zip.eachEntry()) {
      total += entry.uncompressedSize;
      checkEntry(entry, { n_entries: hashes.size + 1, total, isKnown: hashes.has(entry.fileName) }, limits);
      const { sha256, content } = await readEntry(zip, entry);
      hashes.set(entry.fileName, sha256);
      if (content !== null) kept.set(entry.fileName, content);
    }
    return { kept, hashes };
  } catch (cause) {
    if (cause instanceof ArchiveError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArchiveError(`It cannot be read as an archive: ${reason}.`, { cause });
  } finally {
    await file?.close();
  }
}

function checkEntry(
  { fileName, uncompressedSize, compressedSize, externalFileAttributes }: Entry,
  { n_entries, total, isKnown }: { n_entries: number; total: number; isKnown: boolean },
  { maxEntries, maxTotalBytes, maxKeptBytes, maxRatio }: ArchiveLimits,
): void {
  if (n_entries > maxEntries) throw new ArchiveError(`It has more than ${maxEntries} entries.`);
  if (total > maxTotalBytes) throw new ArchiveError(`Unpacked it would have more than ${maxTotalBytes} bytes.`);
  if (isKnown) throw new ArchiveError(`It has two entries named ${fileName}.`);
  if (isLink(externalFileAttributes)) throw new ArchiveError(`${fileName} is a link; an exported task has none.`);
  if (uncompressedSize > RATIO_COUNTS_FROM_BYTES && uncompressedSize > compressedSize * maxRatio) {
    throw new ArchiveError(`${fileName} would unpack to more than ${maxRatio} times its size.`);
  }
  if (KEPT.includes(fileName) && uncompressedSize > maxKeptBytes) {
    throw new ArchiveError(`${fileName} has ${uncompressedSize} bytes, more than ${maxKeptBytes}.`);
  }
}

/** The upper half of the attributes is the mode of a file made under Unix. */
function isLink(externalFileAttributes: number): boolean {
  return ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<{ sha256: string; content: Buffer | null }> {
  const isKept = KEPT.includes(entry.fileName);
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    const bytes = Buffer.from(chunk as Uint8Array);
    hash.update(bytes);
    if (isKept) chunks.push(bytes);
  }
  return { sha256: hash.digest('hex'), content: isKept ? Buffer.concat(chunks) : null };
}

function checkSums(list: Buffer | undefined, hashes: ReadonlyMap<string, string>): void {
  if (list === undefined) throw new ArchiveError(`It has no ${ARCHIVE_CHECKSUMS}; is it an exported task?`);
  const stated = new Map(
    list
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  for (const name of new Set([...stated.keys(), ...hashes.keys()])) {
    if (name === ARCHIVE_CHECKSUMS) continue;
    if (!hashes.has(name)) throw new ArchiveError(`${name} is missing.`);
    if (stated.get(name) !== hashes.get(name))
      throw new ArchiveError(`${name} is not what was exported: its checksum differs.`);
  }
}

function parseJson<S extends z.ZodType>(schema: S, kept: ReadonlyMap<string, Buffer>, name: string): z.output<S> {
  const parsed = schema.safeParse(jsonOf(kept, name));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ArchiveError(
    `${name} does not say what it should: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    {
      cause: parsed.error,
    },
  );
}

function jsonOf(kept: ReadonlyMap<string, Buffer>, name: string): unknown {
  const content = kept.get(name);
  if (content === undefined) throw new ArchiveError(`It has no ${name}; is it an exported task?`);
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw new ArchiveError(`${name} is not JSON.`, { cause });
  }
}
