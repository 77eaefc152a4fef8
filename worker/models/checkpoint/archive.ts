// The zip archive of torch.save: stored entries under one folder, their directory checked as a whole before anything is read. Local
// headers carry no sizes, and a padding that moves data to a multiple of 64 bytes; so sizes come from the directory, places from both.
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { FileReader } from '../../archive/file-reader.ts';
import { quoteText } from '../../structures/structure-error.ts';
import { CheckpointError } from './checkpoint-error.ts';
import type { CheckpointLimits } from './limits.ts';

const LOCAL_HEADER_BYTES = 30;
const DIRECTORY_HEADER_BYTES = 46;
const DIRECTORY_END_BYTES = 22;
const STORED = 0;
/** Of a name, a comment and the further fields of an entry in the directory, each; all of them are held in memory. */
const MAX_FIELD_BYTES = 1024;
const MAX_READ_BYTES = 2 ** 30;

interface Stored {
  readonly entry: Entry;
  /** Where the next entry begins, or the directory: the data lie before. */
  readonly end: number;
}

export class Archive {
  readonly size_bytes: number;
  readonly #file: FileHandle;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Stored>;

  private constructor(file: FileHandle, zip: ZipFile, sizeBytes: number, entries: ReadonlyMap<string, Stored>) {
    this.#file = file;
    this.#zip = zip;
    this.size_bytes = sizeBytes;
    this.#entries = entries;
  }

  /** @throws CheckpointError when it is no archive as torch.save writes it; the file is closed then */
  static async open(path: string, limits: CheckpointLimits): Promise<Archive> {
    const file = await openFile(path);
    try {
      const sizeBytes = (await file.stat()).size;
      await checkMagic(file, sizeBytes);
      const reader = new FileReader(file, sizeBytes);
      const options = { autoClose: false, strictFileNames: true };
      const zip = await fromRandomAccessReaderPromise(reader, sizeBytes, options).catch(translate);
      return new Archive(file, zip, sizeBytes, await readDirectory(zip, sizeBytes, limits));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Size in bytes; null when there is no such entry. */
  entrySize(name: string): number | null {
    return this.#entries.get(name)?.entry.uncompressedSize ?? null;
  }

  /** @throws CheckpointError when it is not there, is not where the directory says, or its checksum differs */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const stored = this.#entries.get(name);
    if (stored === undefined) throw new CheckpointError(`The archive has no entry ${quoteText(name)}.`);
    const { entry, end } = stored;
    const header = await this.#zip.readLocalFileHeaderPromise(entry).catch(translate);
    const start = header.fileDataStart;
    const isSame = header.compressionMethod === STORED && entry.fileNameRaw.equals(header.fileName);
    if (!isSame || start + entry.uncompressedSize > end) {
      throw new CheckpointError(
        `The entry ${quoteText(name)} is not the one that the directory of the archive tells of.`,
        entry.relativeOffsetOfLocalHeader,
      );
    }
    const bytes = new Uint8Array(entry.uncompressedSize);
    await readExactly(this.#file, bytes, start);
    checkSum(bytes, entry, start);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Opening a pipe or a device may wait for ever.
    if (!(await stat(path)).isFile()) throw new CheckpointError('It is no regular file.');
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(`It cannot be opened: ${reasonOf(error)}.`, null, { cause: error });
  }
}

async function checkMagic(file: FileHandle, sizeBytes: number): Promise<void> {
  const magic = new Uint8Array(Math.min(4, sizeBytes));
  await readExactly(file, magic, 0);
  if (Buffer.from(magic).toString('latin1') === 'PK\x03\x04') return;
  throw new CheckpointError(
    'It is no zip archive, and so no checkpoint of PyTorch 1.6 or later. Load it with the program that wrote it and save it again with torch.save.',
    0,
  );
}

async function readDirectory(zip: ZipFile, sizeBytes: number, limits: CheckpointLimits): Promise<Map<string, Stored>> {
  if (zip.entryCount > limits.max_entries) {
    throw new CheckpointError(`The archive has ${zip.entryCount} entries; at most ${limits.max_entries} are read.`);
  }
  const entries: Entry[] = [];
  const names = new Set<string>();
  try {
    for await (const entry of zip.eachEntry()) {
      checkEntry(entry, sizeBytes);
      if (names.has(entry.fileName))
        throw new CheckpointError(`The archive has two entries ${quoteText(entry.fileName)}.`);
      names.add(entry.fileName);
      entries.push(entry);
    }
  } catch (error) {
    translate(error);
  }
  return placeEntries(entries, sizeBytes);
}

function checkEntry(entry: Entry, sizeBytes: number): void {
  const at = entry.relativeOffsetOfLocalHeader;
  const name = quoteText(entry.fileName);
  if (/^[^/]+\/(code\/|constants\.pkl$)/.test(entry.fileName)) {
    throw new CheckpointError(
      'It is a compiled TorchScript model. Use the model as it was before torch.jit or mace_create_lammps_model, saved with torch.save.',
    );
  }
  if (Math.max(entry.fileNameLength, entry.fileCommentLength, entry.extraFieldLength) > MAX_FIELD_BYTES) {
    throw new CheckpointError(
      `The entry ${name} has a name, a comment or further fields of more than ${MAX_FIELD_BYTES} bytes.`,
      at,
    );
  }
  if (entry.isEncrypted()) throw new CheckpointError(`The entry ${name} is encrypted.`, at);
  if (entry.compressionMethod !== STORED || entry.compressedSize !== entry.uncompressedSize) {
    throw new CheckpointError(
      `The entry ${name} is compressed, which torch.save never does; unpack the model and save it again with torch.save.`,
      at,
    );
  }
  if (minimalEnd(entry) > sizeBytes) {
    throw new CheckpointError(
      `The entry ${name} of ${entry.uncompressedSize} bytes reaches beyond the end of the file, which is incomplete or damaged.`,
      at,
    );
  }
}

function checkSum(bytes: Uint8Array, entry: Entry, start: number): void {
  if (crc32(bytes) === entry.crc32) return;
  const reason =
    entry.crc32 === 0
      ? 'has no checksum. Save the model again without torch.serialization.set_crc32_options(False).'
      : 'is damaged: its checksum differs. Copy or download the file again.';
  throw new CheckpointError(`The entry ${quoteText(entry.fileName)} ${reason}`, start);
}

function minimalEnd(entry: Entry): number {
  return entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + entry.fileNameLength + entry.uncompressedSize;
}

function placeEntries(entries: readonly Entry[], sizeBytes: number): Map<string, Stored> {
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const directoryBytes = entries.reduce((sum, entry) => sum + directoryLength(entry), DIRECTORY_END_BYTES);
  const placed = new Map<string, Stored>();
  inOrder.forEach((entry, i) => {
    const end = inOrder[i + 1]?.relativeOffsetOfLocalHeader ?? sizeBytes - directoryBytes;
    if (minimalEnd(entry) > end) {
      throw new CheckpointError(
        `The entry ${quoteText(entry.fileName)} overlaps with what follows.`,
        entry.relativeOffsetOfLocalHeader,
      );
    }
    placed.set(entry.fileName, { entry, end });
  });
  return placed;
}

function directoryLength(entry: Entry): number {
  return DIRECTORY_HEADER_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
}

async function readExactly(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const length = Math.min(bytes.length - filled, MAX_READ_BYTES);
    const { bytesRead } = await file.read(bytes, filled, length, position + filled);
    if (bytesRead === 0) throw new CheckpointError('The file ends too early; it is incomplete.', position + filled);
    filled += bytesRead;
  }
}

function translate(error: unknown): never {
  if (error instanceof CheckpointError) throw error;
  throw new CheckpointError(`Its zip archive is not readable: ${reasonOf(error)}.`, null, { cause: error });
}

/** Without the path: what reaches a client of the service names no folders. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 200);
}
