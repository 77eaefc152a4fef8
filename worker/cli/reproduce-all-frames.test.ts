// A task about every structure of a file, exported and run again: the file travels with it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { submissionReceiptSchema } from '../../contracts/task.ts';
import { startTestService } from '../service/testing/test-service.ts';
import { runMofsim } from './testing/run-mofsim.ts';

const TWO_FRAMES = ['1', 'Lattice="9 0 0 0 9 0 0 0 9"', 'Ar 0 0 0', '2', '', 'Ar 0 0 0', 'Ar 4 0 0', ''].join('\n');

test('an_exported_task_about_every_structure_is_reproduced_with_every_structure', async () => {
  const running = await startTestService();
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-reproduce-frames-'));
  try {
    const { client } = running;
    const structure = { source: 'inline', format: 'xyz', content: TWO_FRAMES };
    const body = { model: 'uff4mof', structure, parameters: { all_frames: true } };
    const { task_id } = submissionReceiptSchema.parse((await client.post('/tasks/single-point-energy', body)).data);
    await client.waitFor(task_id, 'COMPLETED');
    const zip = join(folder, 'task.zip');
    writeFileSync(zip, Buffer.from(await (await client.fetch(`/tasks/${task_id}/export`)).arrayBuffer()));

    const out = join(folder, 'again');
    const env = { MOFSIM_HOME: running.folder.home, MOFSIM_KERNEL: running.folder.installKernel([]), TMPDIR: folder };
    const { code, stdout } = await runMofsim(['reproduce', zip, '--out', out, '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ is_identical: true, deviations: [] });
    expect(readFileSync(join(out, 'input.xyz'), 'utf8')).toBe(TWO_FRAMES);
    expect(existsSync(join(out, 'frames.csv'))).toBe(true);
  } finally {
    await running.close();
    rmSync(folder, { recursive: true });
  }
});
