// A model is really read: by the real kernel where it has been built, and a kernel that cannot is told.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FromTaskProcess, LoadModel } from '../../contracts/task-process-message.ts';
import { installStandIn } from '../kernel-client/testing/install-stand-in.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import { TaskRunner } from './task-runner.ts';

const FIXTURE = new URL('../kernel/tests/reference/mace/fixture-residual', import.meta.url).pathname;
const MOFKERNEL = new URL('../../out/kernel/mofkernel', import.meta.url).pathname;

function messageFor(folder: string): LoadModel {
  const imported_model = { folder, r_max_A: 5, heads: ['Default'] };
  return { type: 'load_model', model: 'water', imported_model, element: 'O', device: 'cpu' };
}

/** @returns what the service is told of the loads */
async function toldOf(kernelPath: string, loads: readonly LoadModel[]): Promise<FromTaskProcess[]> {
  const told: FromTaskProcess[] = [];
  const runner = new TaskRunner({
    startKernel: () => startKernel({ path: kernelPath }),
    send: (message) => Promise.resolve(void told.push(message)),
  });
  for (const load of loads) await runner.load(load);
  await runner.shutdown();
  return told.filter(({ type }) => type !== 'ready');
}

test.skipIf(!existsSync(MOFKERNEL))(
  'the_kernel_reads_the_weights_and_says_of_a_folder_without_them_that_it_cannot',
  async () => {
    const told = await toldOf(MOFKERNEL, [messageFor(FIXTURE), messageFor('/nowhere')]);
    expect(told[0]).toMatchObject({ type: 'model_loaded' });
    expect(told[1]).toMatchObject({
      type: 'model_not_loaded',
      error: { message: expect.stringContaining('/nowhere') as string },
    });
  },
);

test('a_kernel_that_dies_of_it_is_told_each_time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-load-model-'));
  try {
    const told = await toldOf(installStandIn(folder, ['--crash-on-request']), [
      messageFor(FIXTURE),
      messageFor(FIXTURE),
    ]);
    expect(told.map(({ type }) => type)).toEqual(['model_not_loaded', 'model_not_loaded']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
