// The order of things at the end of a task, without a process between.
import { expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FromTaskProcess } from '../../contracts/task-process-message.ts';
import { installStandIn } from '../kernel-client/testing/install-stand-in.ts';
import { startKernel } from '../kernel-client/kernel.ts';
import { TaskRunner } from './task-runner.ts';

it('a_task_sent_at_the_news_of_the_last_ones_end_is_taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-task-runner-'));
  const ends: FromTaskProcess[] = [];
  const secondEnded = Promise.withResolvers<undefined>();
  const taskMessage = (task_id: string) => ({
    type: 'run' as const,
    task_id,
    task_type: 'single-point-energy' as const,
    model: 'uff4mof',
    parameters: {},
    structure: {
      cell: null,
      pbc: [false, false, false] as [boolean, boolean, boolean],
      symbols: ['Zn'],
      positions: [[0, 0, 0] as [number, number, number]],
    },
    structure_name: 'one atom',
    device: 'cpu',
    folder,
    attempt: 1,
    deadline_seconds: null,
    checkpoint_interval_seconds: 30,
  });
  const runner = new TaskRunner({
    startKernel: () => startKernel({ path: installStandIn(folder, ['--error=atom_typing']) }),
    send: async (message) => {
      if (message.type !== 'failed') return;
      ends.push(message);
      if (ends.length === 1) void runner.run([taskMessage('task_mnopqrstuvwx')]);
      else secondEnded.resolve(undefined);
    },
  });
  try {
    await runner.begin();
    await runner.run([taskMessage('task_abcdefghijkl')]);
    await secondEnded.promise;
    await runner.shutdown();
    expect(ends).toMatchObject([
      { task_id: 'task_abcdefghijkl', error: { type: 'AtomTypingError' } },
      { task_id: 'task_mnopqrstuvwx', error: { type: 'AtomTypingError' } },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
