// Where an attempt goes on: the newest checkpoint of the kernel whose history is on disk as well.
//   checkpoint.relax       the kernel writes it whenever it is due
//   checkpoint.relax.kept  the last one of which it is known that journal and trajectory reach as far
// The kernel may be ahead of those who write its steps down: when all are killed at such a moment, the kept one is taken.
import { rename, rm, stat } from 'node:fs/promises';
import { readCheckpointStep } from '../../kernel-client/checkpoint-step.ts';
import { checkpointFile, shareFile } from '../checkpoint-files.ts';
import { readStepJournal } from './step-journal.ts';
import type { JournalLine } from './step-journal.ts';

export interface ResumePoint {
  checkpoint: string;
  /** From step 0 to the step of the checkpoint. */
  lines: JournalLine[];
}

export function relaxCheckpoint(folder: string): string {
  return checkpointFile(folder, 'relax');
}

export function relaxTrajectory(folder: string): string {
  return checkpointFile(folder, 'trajectory.xyz');
}

function keptCheckpoint(folder: string): string {
  return checkpointFile(folder, 'relax.kept');
}

/** null when there is nothing to go on from. */
export async function findResumePoint(folder: string): Promise<ResumePoint | null> {
  const journal = await readStepJournal(folder);
  const trajectoryBytes = (await stateOf(relaxTrajectory(folder)))?.size ?? 0;
  for (const checkpoint of [relaxCheckpoint(folder), keptCheckpoint(folder)]) {
    const step = await readCheckpointStep(checkpoint);
    const line = step === null ? undefined : journal[step];
    if (line !== undefined && line.trajectory_bytes <= trajectoryBytes) {
      return { checkpoint, lines: journal.slice(0, line.record.step + 1) };
    }
  }
  return null;
}

/** Afterwards the kernel finds the checkpoint of this point and no other; without a point, none at all. */
export async function prepareCheckpoint(folder: string, point: ResumePoint | null): Promise<void> {
  const path = relaxCheckpoint(folder);
  if (point === null) await rm(path, { force: true });
  else if (point.checkpoint !== path) await rename(point.checkpoint, path);
  await rm(keptCheckpoint(folder), { force: true });
}

/** Keeps the checkpoints that the kernel writes as soon as everything else has caught up with them. */
export class CheckpointKeeper {
  readonly #folder: string;
  #keptVersion = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param lastStep the newest step that has been written down
   * @param sync makes everything up to it durable
   */
  async keep(lastStep: number, sync: () => Promise<void>): Promise<void> {
    const path = relaxCheckpoint(this.#folder);
    const state = await stateOf(path);
    if (state === null || state.version === this.#keptVersion) return;
    const candidate = checkpointFile(this.#folder, 'relax.candidate');
    if (!(await shareFile(path, candidate))) return;
    const step = await readCheckpointStep(candidate);
    if (step === null || step > lastStep) return;
    await sync();
    await rename(candidate, keptCheckpoint(this.#folder));
    this.#keptVersion = state.version;
  }
}

async function stateOf(path: string): Promise<{ size: number; version: string } | null> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return { size, version: `${ino} ${mtimeMs} ${size}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
