// Disks that are full or read-only: clear words, and nothing that was acknowledged is lost. Skipped where nothing can be mounted.
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gpusSchema } from '../../contracts/system.ts';
import { taskListSchema } from '../../contracts/task.ts';
import { createTestFolder, TestClient } from '../../worker/service/testing/test-service.ts';
import type { TestFolder } from '../../worker/service/testing/test-service.ts';
import { canMount, startOnDisk } from './small-disk.ts';
import type { SmallDisk } from './small-disk.ts';

let folder: TestFolder;
let disk: SmallDisk | null = null;

beforeEach(() => {
  folder = createTestFolder();
  mkdirSync(folder.home);
});
afterEach(async () => {
  disk?.empty();
  await disk?.stop();
  folder.remove();
});

async function start(mountOptions: string, behavior: readonly string[] = []): Promise<SmallDisk> {
  const { home, resourcesFolder } = folder;
  disk = await startOnDisk({ home, resourcesFolder, kernelPath: folder.installKernel(behavior), mountOptions });
  return disk;
}

async function currentTask(client: TestClient): Promise<string | null> {
  return gpusSchema.parse((await client.call('/system/gpus')).data).cpu.current_task;
}

describe.skipIf(!canMount())('a data folder', () => {
  test('on_a_full_disk_takes_no_task_says_so_and_goes_on_when_there_is_space', { timeout: 120_000 }, async () => {
    const small = await start('size=16m', ['--step-ms=5', '--never-converge']);
    const client = new TestClient(small.started.url, small.started.apiKey);
    const before = await client.submit({ max_steps: 20 });
    await client.waitFor(before, 'COMPLETED');
    const running = await client.submit({ max_steps: 100_000 });
    await client.events(running, (event) => event.type === 'step');

    small.fill();
    const structure = { source: 'builtin', name: 'rock-salt' };
    const refused = await client.post('/tasks/optimization', { model: 'uff4mof', structure });
    expect(refused.status).toBe(500);
    expect(JSON.stringify(refused.error)).toContain('The disk is full');
    // Reading needs no space.
    expect((await client.task(before)).status).toBe('COMPLETED');
    expect((await client.call(`/tasks/${before}/result`)).status).toBe(200);

    // The task cannot write its steps any more, and its end cannot be written either.
    await expect.poll(() => currentTask(client), { timeout: 30_000 }).toBeNull();
    expect((await client.task(running)).status).toBe('RUNNING');

    small.empty();
    await client.events(running);
    expect(await client.task(running)).toMatchObject({ status: 'FAILED', error: { type: 'InternalError' } });
    expect((await client.task(running)).error?.message).toContain('ENOSPC');
    const after = await client.submit({ max_steps: 20 });
    await client.waitFor(after, 'COMPLETED');
    const { tasks } = taskListSchema.parse((await client.call('/tasks')).data);
    // Exactly those that were acknowledged.
    expect(tasks.map(({ task_id }) => task_id).sort()).toEqual([before, running, after].sort());
  });

  test('that_is_read_only_is_refused_at_the_start_by_name', async () => {
    const { failure } = await start('ro');
    expect(failure).toContain(folder.home);
    expect(failure).toMatch(/read-only|cannot be written/i);
  });
});
