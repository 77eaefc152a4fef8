// Bytes as files, read by the real reader.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { CheckpointError } from '../checkpoint-error.ts';
import { openCheckpoint } from '../open-checkpoint.ts';
import type { Checkpoint } from '../values.ts';

interface TemporaryCheckpoints {
  /** Where a file may be put; emptied after the tests. */
  readonly path: (name: string) => string;
  readonly withCheckpoint: <T>(bytes: Uint8Array, use: (checkpoint: Checkpoint) => Promise<T> | T) => Promise<T>;
  /** The refusal of a file; anything but a CheckpointError is thrown on, and so fails the test. */
  readonly refusalOf: (
    bytes: Uint8Array,
    use?: (checkpoint: Checkpoint) => Promise<unknown>,
  ) => Promise<CheckpointError>;
}

/** To be called where tests are declared. */
export function temporaryCheckpoints(): TemporaryCheckpoints {
  let folder = '';
  let nFiles = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mofsim-checkpoint-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const withCheckpoint: TemporaryCheckpoints['withCheckpoint'] = async (bytes, use) => {
    nFiles += 1;
    const path = join(folder, `${nFiles}.model`);
    await writeFile(path, bytes);
    try {
      const checkpoint = await openCheckpoint(path);
      try {
        return await use(checkpoint);
      } finally {
        await checkpoint.close();
      }
    } finally {
      await rm(path);
    }
  };

  return {
    path: (name) => join(folder, name),
    withCheckpoint,
    refusalOf: async (bytes, use = () => Promise.resolve()) => {
      try {
        await withCheckpoint(bytes, use);
      } catch (error) {
        if (error instanceof CheckpointError) return error;
        throw error;
      }
      throw new Error('The file was not refused.');
    },
  };
}
