// Where the run of a stability task goes on: the newest checkpoint of the kernel that samples.csv and trajectory.mofj reach.
import { join } from 'node:path';
import { TRAJECTORY_FILE } from '../../../contracts/trajectory.ts';
import { readCheckpointStep } from '../../kernel-client/checkpoint-step.ts';
import { TrajectoryError } from '../../trajectory/trajectory-error.ts';
import { TrajectoryReader } from '../../trajectory/trajectory-reader.ts';
import { checkpointFile } from '../checkpoint-files.ts';
import { keptCheckpoint } from '../stages/kept-checkpoint.ts';
import { readSamples } from './samples-file.ts';

/** Of the checkpoint and the files of the run. */
export const RUN = 'run';

export interface RunResumePoint {
  checkpoint: string;
  step: number;
  /** Of samples.csv that stay. */
  sample_bytes: number;
}

export function runCheckpoint(folder: string): string {
  return checkpointFile(folder, RUN);
}

/** Exact positions for people and programs. */
export function trajectoryFile(folder: string): string {
  return join(folder, 'trajectory.xyz');
}

/** The same frames for the viewer and for whoever goes on. */
export function binaryTrajectoryFile(folder: string): string {
  return join(folder, TRAJECTORY_FILE);
}

/**
 * null when there is nothing to go on from.
 *
 * @param every steps between samples, and between frames of the trajectory
 */
export async function findRunResumePoint(
  folder: string,
  every: { sample: number; trajectory: number },
): Promise<RunResumePoint | null> {
  const path = runCheckpoint(folder);
  const nFrames = await countFrames(folder);
  for (const checkpoint of [path, keptCheckpoint(path)]) {
    const step = await readCheckpointStep(checkpoint);
    if (step === null || nFrames <= Math.floor(step / every.trajectory)) continue;
    const last = await lastSampleUpTo(folder, step);
    if (last !== null && last.step + every.sample > step) return { checkpoint, step, sample_bytes: last.bytes };
  }
  return null;
}

async function lastSampleUpTo(folder: string, step: number): Promise<{ step: number; bytes: number } | null> {
  let last: { step: number; bytes: number } | null = null;
  for await (const { sample, bytes } of readSamples(folder)) {
    if (sample.step > step) break;
    last = { step: sample.step, bytes };
  }
  return last;
}

/** 0 for a file that is missing or is none. */
async function countFrames(folder: string): Promise<number> {
  try {
    const reader = await TrajectoryReader.open(binaryTrajectoryFile(folder));
    try {
      return await reader.frameCount();
    } finally {
      await reader.close();
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing || error instanceof TrajectoryError) return 0;
    throw error;
  }
}
