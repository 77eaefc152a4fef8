// What the store could not take (a full disk, a disk that is gone) and what must not be forgotten: it is done in order as soon
// as the store can again. Without it a task whose end could not be written would run for ever.
import type { Logger } from '../logger.ts';

const RETRY_MS = 2_000;
/** More is not kept of what may be missing. */
const MOST_DROPPABLE = 1_000;
const STORE_FAILURES = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_READONLY', 'SQLITE_BUSY', 'SQLITE_CANTOPEN'];

export interface BacklogParts {
  logger: Logger;
  /** Everything has been done. */
  onEmptied: () => void;
  retryMs?: number;
}

export class Backlog {
  readonly #parts: BacklogParts;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Does it now, or after what waits. A failure that is not the store's is told and not repeated.
   *
   * @param options.isDroppable it may be missing when very much waits already
   */
  do(action: () => void, options: { isDroppable: boolean } = { isDroppable: false }): void {
    if (this.isEmpty && this.#attempt(action)) return;
    if (options.isDroppable && this.#waiting.length >= MOST_DROPPABLE) return;
    this.#keep(action);
  }

  /** One last try. What is not done then is for the next start to find out. */
  close(): void {
    clearTimeout(this.#timer);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const action of waiting) if (!this.#attempt(action)) return;
  }

  #retry(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const n_done = waiting.findIndex((action) => !this.#attempt(action));
    if (n_done === -1) {
      this.#parts.onEmptied();
      return;
    }
    for (const action of waiting.slice(n_done)) this.#keep(action);
  }

  #keep(action: () => void): void {
    this.#waiting.push(action);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#retry();
    }, this.#parts.retryMs ?? RETRY_MS);
  }

  /** @returns false when the store could not take it */
  #attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.logger.error('The queue could not be written.', { reason });
      return !isStoreFailure(error);
    }
  }
}

function isStoreFailure(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return STORE_FAILURES.some((failure) => code.startsWith(failure));
}
