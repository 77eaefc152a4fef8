// A task about every structure of a file: from the upload to the result, and into the exported archive.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { singlePointEnergyResultSchema } from '../../contracts/results/single-point-energy.ts';
import { uploadedStructureSchema } from '../../contracts/structure.ts';
import { submissionReceiptSchema, taskResultSchema } from '../../contracts/task.ts';
import { readArchive } from '../archive/read-archive.ts';
import { startTestService } from './testing/test-service.ts';
import type { TestService } from './testing/test-service.ts';

const TWO_FRAMES = ['1', 'Lattice="9 0 0 0 9 0 0 0 9"', 'Ar 0 0 0', '2', '', 'Ar 0 0 0', 'Ar 4 0 0', ''].join('\n');

let running: TestService | null = null;

afterEach(async () => {
  await running?.close();
  running = null;
});

async function compute({ client }: TestService, structure: unknown, parameters: Record<string, unknown>) {
  const answer = await client.post('/tasks/single-point-energy', { model: 'uff4mof', structure, parameters });
  const { task_id } = submissionReceiptSchema.parse(answer.data);
  await client.waitFor(task_id, 'COMPLETED');
  const { result } = taskResultSchema.parse((await client.call(`/tasks/${task_id}/result`)).data);
  return { task_id, result: singlePointEnergyResultSchema.parse(result) };
}

test('every_structure_of_an_upload_is_computed_when_asked_for', async () => {
  running = await startTestService();
  const uploaded = uploadedStructureSchema.parse((await running.client.upload('two.xyz', TWO_FRAMES)).data);
  expect(uploaded.warnings.join(' ')).toContain('The file holds 2 structures');
  const structure = { source: 'upload', file_id: uploaded.file_id };

  const one = await compute(running, structure, {});
  expect(one.result.frames).toBeUndefined();
  const { task_id, result } = await compute(running, structure, { all_frames: true, compute_per_atom: true });
  expect(result.frames?.map(({ name, n_atoms }) => [name, n_atoms])).toEqual([
    ['frame 1', 1],
    ['frame 2', 2],
  ]);
  expect(result).toMatchObject({ n_atoms: 1, energies_per_atom_eV: [result.energy_eV] });

  const folder = mkdtempSync(join(tmpdir(), 'mofsim-all-frames-'));
  try {
    const zip = join(folder, 'task.zip');
    writeFileSync(zip, Buffer.from(await (await running.client.fetch(`/tasks/${task_id}/export`)).arrayBuffer()));
    const { all_frames } = await readArchive(zip);
    expect(all_frames?.filename).toBe('input.xyz');
    expect(Buffer.from(all_frames?.bytes ?? []).toString('utf8')).toBe(TWO_FRAMES);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an_inline_text_has_its_structures_too_and_the_structure_of_a_task_is_one', async () => {
  running = await startTestService();
  const inline = { source: 'inline', format: 'xyz', content: TWO_FRAMES };
  const { result } = await compute(running, inline, { all_frames: true });
  expect(result.frames).toHaveLength(2);

  const optimized = await running.client.submit();
  await running.client.waitFor(optimized, 'COMPLETED');
  const ofTask = await compute(running, { source: 'task', task_id: optimized }, { all_frames: true });
  expect(ofTask.result.frames).toHaveLength(1);
});
