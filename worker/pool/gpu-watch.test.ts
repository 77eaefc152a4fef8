import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGpuWatch } from './gpu-watch.ts';
import type { GpuSight, GpuWatch } from './gpu-watch.ts';

let folder = '';
let watch: GpuWatch;
let nowMs = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-watch-'));
  nowMs = 1_000_000;
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes one line into a log for every call. */
function countingProgram(): { path: string; calls: () => number } {
  const [path, log] = [join(folder, 'nvidia-smi'), join(folder, 'calls')];
  writeFileSync(log, '');
  writeFileSync(path, `#!/bin/sh\necho x >> '${log}'\necho "0, GPU-1, 300, 24576, 0, 41, 24, 0, Name"\n`);
  chmodSync(path, 0o755);
  return { path, calls: () => readFileSync(log, 'utf8').length / 2 };
}

test('however_many_ask_at_once_there_is_one_look_and_a_young_one_is_not_repeated', async () => {
  const { path, calls } = countingProgram();
  watch = createGpuWatch(path, () => nowMs);
  const sights = await Promise.all(Array.from({ length: 10 }, () => watch.refresh(2000)));
  expect(sights[0]?.gpus).toHaveLength(1);
  nowMs += 2000;
  await watch.refresh(2000);
  expect(calls()).toBe(1);
  nowMs += 1;
  await watch.refresh(2000);
  expect(calls()).toBe(2);
});

test('a_machine_without_nvidia_smi_is_asked_once', async () => {
  watch = createGpuWatch(join(folder, 'none'), () => nowMs);
  expect(await watch.refresh(0)).toMatchObject({ isBlind: true, gpus: [] });
  nowMs += 1_000_000;
  const again = await watch.refresh(0);
  expect(again.isBlind).toBe(true);
  expect(await watch.processes(0)).toEqual([]);
});

test('it_looks_by_itself_and_notices_that_it_has_slept', async () => {
  const { path } = countingProgram();
  watch = createGpuWatch(path, () => nowMs);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const next = (): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    watch.start((_sight: GpuSight, afterSuspend) => {
      resolve(afterSuspend);
    });
    return promise;
  };
  const first = next();
  nowMs += 30_000;
  vi.advanceTimersByTime(30_000);
  expect(await first).toBe(false);
  const second = next();
  nowMs += 3_600_000;
  vi.advanceTimersByTime(30_000);
  expect(await second).toBe(true);
});

test('a_pace_that_changes_all_the_time_does_not_put_off_the_next_look', async () => {
  const { path } = countingProgram();
  watch = createGpuWatch(path, () => nowMs);
  await watch.refresh(0);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { promise, resolve } = Promise.withResolvers<GpuSight>();
  watch.start(resolve);
  for (let second = 1; second <= 30; second++) {
    watch.setPace(second % 2 === 0 ? 'idle' : 'busy');
    nowMs += 1000;
    vi.advanceTimersByTime(1000);
  }
  expect((await promise).gpus).toHaveLength(1);
});
