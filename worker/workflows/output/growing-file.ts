// A file that grows while a task runs and gets its name when it is complete.
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export class GrowingFile {
  readonly #path: string;
  readonly #temporary: string;
  #handle: FileHandle | null;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** The name with a leading dot keeps the unfinished file out of every listing. */
  static async create(path: string): Promise<GrowingFile> {
    const temporary = join(dirname(path), `.${basename(path)}.partial`);
    return new GrowingFile(path, temporary, await open(temporary, 'w', 0o600));
  }

  async append(text: string): Promise<void> {
    await this.#handle?.appendFile(text);
  }

  /** Gives the file its name. Safe to call twice. The folder is synced with result.json, which is written last. */
  async complete(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(this.#temporary, this.#path);
  }

  /** Removes what was written, unless it is complete. */
  async discard(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    await handle.close();
    await rm(this.#temporary, { force: true });
  }
}
