import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { trajectoryPageSchema } from '../../contracts/trajectory.ts';
import { readTaskFrames } from './task-frames.ts';

/** Three frames of three atoms, periodic along two vectors, written by a Python script from the description. */
const reference = new URL('../kernel/tests/reference/run_files/trajectory_v1.mofj', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'task-frames-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('frames_come_in_pages_and_none_beyond_the_end', async () => {
  copyFileSync(reference, join(folder, 'trajectory.mofj'));
  const page = await readTaskFrames(folder, { first: 1, count: 5 });
  expect(trajectoryPageSchema.parse(page)).toEqual(page);
  expect(page).toMatchObject({ n_frames: 3, n_atoms: 3 });
  expect(page.frames.map(({ index, step }) => [index, step])).toEqual([
    [1, 50],
    [2, 100],
  ]);
  // (9 k + 3 i + axis - 5) * 0.37 A, as the script makes it.
  expect(page.frames[1]?.positions[2]).toEqual([7.03, 7.4, 7.77]);
  expect((await readTaskFrames(folder, { first: 3, count: 5 })).frames).toEqual([]);
});

test('a_task_without_a_trajectory_and_a_file_that_is_none_answer_40405', async () => {
  await expect(readTaskFrames(join(folder, 'nowhere'), { first: 0, count: 1 })).rejects.toMatchObject({ code: 40405 });
  writeFileSync(join(folder, 'trajectory.mofj'), 'not a trajectory');
  await expect(readTaskFrames(folder, { first: 0, count: 1 })).rejects.toMatchObject({ code: 40405 });
});
