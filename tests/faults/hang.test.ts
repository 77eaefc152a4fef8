// Whoever stands still without dying is found out. Takes a minute, so only where MOFSIM_FAULTS asks for the long runs.
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logsSchema } from '../../contracts/log.ts';
import { createTestFolder } from '../../worker/service/testing/test-service.ts';
import type { TestFolder } from '../../worker/service/testing/test-service.ts';
import { processesOf } from './processes.ts';
import { ServiceProcess } from './service-process.ts';

let folder: TestFolder;
let service: ServiceProcess;

beforeEach(() => {
  folder = createTestFolder();
  mkdirSync(folder.home);
  const kernelPath = folder.installKernel(['--step-ms=5', '--never-converge']);
  service = new ServiceProcess({ home: folder.home, resourcesFolder: folder.resourcesFolder, kernelPath });
});
afterEach(async () => {
  await service.destroy();
  await expect.poll(() => processesOf(folder.path), { timeout: 20_000 }).toEqual([]);
  folder.remove();
});

const isWanted = process.platform === 'linux' && process.env.MOFSIM_FAULTS !== undefined;

describe.skipIf(!isWanted)('who stands still', () => {
  test.each(['kernel', 'task process'] as const)('%s', { timeout: 180_000 }, async (victim) => {
    const client = await service.client;
    const id = await client.submit({ max_steps: 600 });
    await client.events(id, (event) => event.type === 'step' && event.step >= 20);
    process.kill(await service.pidOf(victim), 'SIGSTOP');

    const task = await client.waitFor(id, 'COMPLETED');
    expect(task.attempts).toBe(2);
    const { logs } = logsSchema.parse((await client.call(`/tasks/${id}/logs`)).data);
    const said = logs.map(({ message }) => message).join('\n');
    expect(said).toContain('no sign of life for 60 s');
  });
});
