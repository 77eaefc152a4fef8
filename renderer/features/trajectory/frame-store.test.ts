import { describe, expect, test } from 'vitest';
import { FrameStore } from './frame-store.ts';
import type { ReadPage } from './frame-store.ts';

function trajectory(nFrames: number): { readPage: ReadPage; asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    readPage: (first, count) => {
      asked.push(first);
      const frames = Array.from({ length: Math.max(0, Math.min(count, nFrames - first)) }, (_, i) => ({
        index: first + i,
        step: 10 * (first + i),
        time_fs: 0,
        potential_energy_eV: 0,
        temperature_k: 0,
        cell: null,
        positions: [[first + i, 0, 0] as [number, number, number]],
      }));
      return Promise.resolve({ n_frames: nFrames, n_atoms: 1, frames });
    },
  };
}

describe('the frames of a trajectory', () => {
  test('come_in_pages_of_which_each_is_asked_for_once', async () => {
    const { readPage, asked } = trajectory(50);
    const store = new FrameStore(readPage);
    const [first, again] = await Promise.all([store.frame(3), store.frame(3)]);
    expect(first?.step).toBe(30);
    expect(again).toBe(first);
    for (let i = 3; i < 23; i += 1) expect((await store.frame(i))?.index).toBe(i);
    expect(asked).toEqual([3]);
  });

  test('end_where_the_trajectory_ends', async () => {
    const store = new FrameStore(trajectory(5).readPage);
    expect(await store.frame(5)).toBeNull();
  });

  test('that_could_not_be_read_ahead_fail_when_they_are_asked_for', async () => {
    const store = new FrameStore(() => Promise.reject(new Error('gone')));
    store.prefetch(1);
    await expect(store.frame(1)).rejects.toThrow('gone');
  });
});
