// Where an attempt goes on: the newest checkpoint of the kernel whose history is on disk as well. See stages/kept-checkpoint.ts.
import { readCheckpointStep } from '../../kernel-client/checkpoint-step.ts';
import { checkpointFile } from '../checkpoint-files.ts';
import { chooseCheckpoint, keptCheckpoint, stateOf } from '../stages/kept-checkpoint.ts';
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

/** null when there is nothing to go on from. */
export async function findResumePoint(folder: string): Promise<ResumePoint | null> {
  const journal = await readStepJournal(folder);
  const trajectoryBytes = (await stateOf(relaxTrajectory(folder)))?.size ?? 0;
  const path = relaxCheckpoint(folder);
  for (const checkpoint of [path, keptCheckpoint(path)]) {
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
  await chooseCheckpoint(relaxCheckpoint(folder), point?.checkpoint ?? null);
}
