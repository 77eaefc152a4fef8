// Scripts against a running service: submit, list, cancel, export, and an exported task run again.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestFolder, ROCK_SALT_CIF, startTestService } from '../service/testing/test-service.ts';
import type { TestService } from '../service/testing/test-service.ts';
import { runMofsim } from './testing/run-mofsim.ts';

let running: TestService;
let folder: string;

beforeAll(async () => {
  running = await startTestService();
  folder = mkdtempSync(join(tmpdir(), 'mofsim-scripts-'));
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

function mofsim(...args: string[]) {
  return runMofsim(args, { MOFSIM_HOME: running.folder.home, MOFSIM_KERNEL: kernel(), TMPDIR: folder });
}

function kernel(...behavior: string[]): string {
  return running.folder.installKernel(behavior);
}

const idsSchema = z.object({ task_ids: z.array(z.string()) });

describe('a script', () => {
  test('submits_files_and_built_in_structures_together_and_waits', async () => {
    const cif = join(folder, 'salt.cif');
    const poscar = join(folder, 'POSCAR');
    writeFileSync(cif, ROCK_SALT_CIF);
    writeFileSync(poscar, 'Cu\n1.0\n0 1.8 1.8\n1.8 0 1.8\n1.8 1.8 0\nCu\n1\nDirect\n0 0 0\n');
    const files = [cif, poscar, 'rock-salt'];
    const done = await mofsim('submit', 'single-point-energy', ...files, '--model', 'uff4mof', '--tag', 'x', '--wait');
    expect(done.stderr).toBe('');
    expect(done.code).toBe(0);
    expect(done.stdout.match(/COMPLETED/g)).toHaveLength(3);
    const { stdout } = await mofsim('tasks', '--tag', 'x', '--json');
    const { tasks } = z.object({ tasks: z.array(z.object({ structure_name: z.string() })) }).parse(JSON.parse(stdout));
    expect(tasks.map(({ structure_name }) => structure_name)).toEqual(['rock-salt', 'POSCAR', 'salt']);
  });

  test('is_told_what_is_wrong_and_nothing_is_submitted', async () => {
    const before = (await mofsim('tasks', '--json')).stdout;
    const wrong = await mofsim('submit', 'optimization', 'rock-salt', 'nowhere.cif', '--model', 'uff4mof');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('tasks.1: There is no built-in structure "nowhere.cif"');
    const parameter = await mofsim('submit', 'optimization', 'rock-salt', '--model', 'uff4mof', '--param', 'f_max=1');
    expect(parameter.code).toBe(2);
    expect((await mofsim('tasks', '--json')).stdout).toBe(before);
  });

  test('cancels_and_hears_what_could_not_be_cancelled', async () => {
    const { stdout } = await mofsim(
      'submit',
      'single-point-energy',
      'rock-salt',
      '--model',
      'uff4mof',
      '--json',
      '--wait',
    );
    const { tasks } = z.object({ tasks: z.array(z.object({ task_id: z.string() })) }).parse(JSON.parse(stdout));
    const { code, stderr } = await mofsim('cancel', tasks[0]?.task_id ?? '');
    expect(code).toBe(1);
    expect(stderr).toContain('code 40902');
  });

  test('without_a_service_is_told_how_to_start_one', async () => {
    const { code, stderr } = await runMofsim(['tasks'], { MOFSIM_HOME: join(folder, 'empty') });
    expect(code).toBe(1);
    expect(stderr).toContain('mofsim serve');
    const unreachable = await runMofsim(['tasks', '--url', 'http://127.0.0.1:9'], { MOFSIM_API_KEY: 'x' });
    expect(unreachable.code).toBe(1);
    expect(unreachable.stderr).toContain('cannot be reached');
  });
});

describe('an exported task', () => {
  let zip: string;

  beforeAll(async () => {
    zip = join(folder, 'task.zip');
    const args = ['submit', 'optimization', 'rock-salt', '--model', 'uff4mof', '--param', 'fmax=0.01'];
    const { stdout } = await mofsim(...args, '--json');
    const [task_id = ''] = idsSchema.parse(JSON.parse(stdout)).task_ids;
    await running.client.waitFor(task_id, 'COMPLETED');
    expect((await mofsim('export', task_id, '--out', zip)).code).toBe(0);
    const again = await mofsim('export', task_id, '--out', zip);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('exists already');
  });

  test('is_reproduced_in_a_new_folder', async () => {
    const out = join(folder, 'again');
    const { code, stdout, stderr } = await mofsim('reproduce', zip, '--out', out, '--json');
    expect(stderr).not.toContain('mofsim:');
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      is_reproduced: true,
      is_identical: true,
      deviations: [],
    });
    expect(readdirSync(out)).toContain('result.json');
    expect((await mofsim('reproduce', zip, '--out', out)).stderr).toContain('is not empty');
  });

  test('that_computes_something_else_is_told_apart', async () => {
    const test_folder = createTestFolder();
    try {
      // This kernel goes on until the steps are used up.
      const other = test_folder.installKernel(['--never-converge']);
      const env = { MOFSIM_KERNEL: other, MOFSIM_HOME: running.folder.home, TMPDIR: folder };
      const { code, stdout, stderr } = await runMofsim(['reproduce', zip, '--out', join(folder, 'other')], env);
      expect(code).toBe(1);
      expect(stderr).toContain('differ by more than their tolerance');
      expect(stdout).toContain('converged');
    } finally {
      test_folder.remove();
    }
  });

  test('that_was_changed_is_refused', async () => {
    const bytes = readFileSync(zip);
    const changed = join(folder, 'changed.zip');
    const at = Math.floor(bytes.length / 3);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(changed, bytes);
    const { code, stderr } = await mofsim('reproduce', changed, '--out', join(folder, 'never'));
    expect(code).toBe(2);
    expect(stderr).toContain('changed.zip cannot be used');
  });
});
