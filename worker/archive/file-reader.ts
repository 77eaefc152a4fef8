// Bytes of an open file for yauzl. Its own reader hands every position of the archive to the file system as it is, and one beyond 2^53
// throws where nobody can catch it; here each is an error of the reading.
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';

const CHUNK_BYTES = 64 * 1024;

export class FileReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #sizeBytes: number;

  /** @param file stays with the caller, who closes it */
  constructor(file: FileHandle, sizeBytes: number) {
    super();
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#fill(buffer.subarray(offset, offset + length), position).then(
      () => {
        callback(null);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  /** @param end exclusive */
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end), { objectMode: false });
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  /** Not a stream of the handle: that would close it when it ends. */
  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    if (!this.#isInside(start, end)) throw outside(start, end);
    for (let position = start; position < end; position += CHUNK_BYTES) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, end - position));
      await this.#fill(chunk, position);
      yield chunk;
    }
  }

  async #fill(bytes: Buffer, position: number): Promise<void> {
    const end = position + bytes.length;
    if (!this.#isInside(position, end)) throw outside(position, end);
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, position + filled);
      if (bytesRead === 0) throw new Error('the file became shorter');
      filled += bytesRead;
    }
  }

  #isInside(start: number, end: number): boolean {
    return Number.isSafeInteger(start) && start >= 0 && start <= end && end <= this.#sizeBytes;
  }
}

function outside(start: number, end: number): Error {
  return new Error(`bytes ${start} to ${end} are not in the file`);
}
