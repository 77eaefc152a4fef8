// A file that grows while a task runs, and that a later attempt may go on with.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

export class GrowingFile {
  readonly #handle: FileHandle;
  #size: number;
  #isClosed = false;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** @param size the file's first bytes that stay; what lies behind them is cut off */
  static async open(path: string, size = 0): Promise<GrowingFile> {
    // Not for appending: such a file cannot be cut on Windows.
    const handle = await open(path, size === 0 ? 'w' : 'r+', 0o600);
    try {
      await handle.truncate(size);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new GrowingFile(handle, size);
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#handle.close();
  }
}
