// Two checkpoints of one run, for those whose history is written down here and not in the kernel:
//   PATH        the kernel writes it whenever it is due
//   PATH.kept   the last one of which it is known that the history on disk reaches as far
// The kernel may be ahead of those who write its steps down: when all are killed at such a moment, the kept one is taken.
import { rename, rm, stat } from 'node:fs/promises';
import { readCheckpointStep } from '../../kernel-client/checkpoint-step.ts';
import { shareFile } from '../checkpoint-files.ts';

export function keptCheckpoint(path: string): string {
  return `${path}.kept`;
}

/** Afterwards the kernel finds the checkpoint `chosen`, PATH or the kept one, and no other; null: none at all. */
export async function chooseCheckpoint(path: string, chosen: string | null): Promise<void> {
  if (chosen === null) await rm(path, { force: true });
  else if (chosen !== path) await rename(chosen, path);
  await rm(keptCheckpoint(path), { force: true });
}

/** Keeps the checkpoints that the kernel writes as soon as everything else has caught up with them. */
export class CheckpointKeeper {
  readonly #path: string;
  #keptVersion = '';

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param lastStep the newest step that has been written down
   * @param sync makes everything up to it durable
   */
  async keep(lastStep: number, sync: () => Promise<void>): Promise<void> {
    const state = await stateOf(this.#path);
    if (state === null || state.version === this.#keptVersion) return;
    const candidate = `${this.#path}.candidate`;
    if (!(await shareFile(this.#path, candidate))) return;
    const step = await readCheckpointStep(candidate);
    if (step === null || step > lastStep) return;
    await sync();
    await rename(candidate, keptCheckpoint(this.#path));
    this.#keptVersion = state.version;
  }
}

/** null when there is no such file. */
export async function stateOf(path: string): Promise<{ size: number; version: string } | null> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return { size, version: `${ino} ${mtimeMs} ${size}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
