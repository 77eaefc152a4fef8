// Frames of a task's trajectory, some at a time.
import { join } from 'node:path';
import { ServiceError } from '../../contracts/error-code.ts';
import type { Vector3 } from '../../contracts/structure.ts';
import { TRAJECTORY_FILE } from '../../contracts/trajectory.ts';
import type { TrajectoryPage } from '../../contracts/trajectory.ts';
import type { TrajectoryFrame } from '../trajectory/binary-layout.ts';
import { TrajectoryError } from '../trajectory/trajectory-error.ts';
import { TrajectoryReader } from '../trajectory/trajectory-reader.ts';

/** About 3 MiB of JSON. */
const MOST_POSITIONS = 100_000;
/** Far below any motion; three digits less on the wire. */
const DECIMALS = 1e4;

/** @throws ServiceError 40405 when the task has no trajectory, or one that cannot be read */
export async function readTaskFrames(
  folder: string,
  { first, count }: { first: number; count: number },
): Promise<TrajectoryPage> {
  try {
    return await readFrames(join(folder, TRAJECTORY_FILE), first, count);
  } catch (error) {
    if (error instanceof TrajectoryError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      const message = error instanceof TrajectoryError ? error.message : 'The task has no trajectory.';
      throw new ServiceError(40405, { message, filename: TRAJECTORY_FILE }, { cause: error });
    }
    throw error;
  }
}

async function readFrames(path: string, first: number, count: number): Promise<TrajectoryPage> {
  const reader = await TrajectoryReader.open(path);
  try {
    const n_frames = await reader.frameCount();
    const n_atoms = reader.header.atomic_numbers.length;
    const isPeriodic = reader.header.pbc.some(Boolean);
    const last = Math.min(n_frames, first + Math.min(count, Math.max(1, Math.floor(MOST_POSITIONS / n_atoms))));
    const frames: TrajectoryPage['frames'] = [];
    for (let index = first; index < last; index += 1) {
      const { positions, cell, ...scalars } = await reader.readFrame(index);
      frames.push({ index, ...scalars, cell: isPeriodic ? cell : null, positions: toVectors(positions) });
    }
    return { n_frames, n_atoms, frames };
  } finally {
    await reader.close();
  }
}

function toVectors(numbers: TrajectoryFrame['positions']): Vector3[] {
  const rounded = (i: number): number => Math.round((numbers[i] ?? 0) * DECIMALS) / DECIMALS;
  return Array.from({ length: numbers.length / 3 }, (_, i) => [rounded(3 * i), rounded(3 * i + 1), rounded(3 * i + 2)]);
}
