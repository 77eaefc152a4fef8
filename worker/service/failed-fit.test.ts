// A curve without a minimum, through the whole service: the stand-in kernel knows no volume, so all energies are equal.
import { afterEach, expect, test } from 'vitest';
import { submissionReceiptSchema, taskFilesSchema } from '../../contracts/task.ts';
import { startTestService } from './testing/test-service.ts';
import type { TestService } from './testing/test-service.ts';

let running: TestService | null = null;

afterEach(async () => {
  await running?.close();
  running = null;
});

test('a_bulk_modulus_without_a_fit_fails_with_its_points_and_keeps_its_files', async () => {
  running = await startTestService();
  const { client } = running;
  const structure = { source: 'builtin', name: 'rock-salt' };
  const answer = await client.post('/tasks/bulk-modulus', { model: 'uff4mof', structure, parameters: {} });
  const { task_id } = submissionReceiptSchema.parse(answer.data);
  await client.waitFor(task_id, 'FAILED');
  const { error } = await client.task(task_id);
  expect(error).toMatchObject({ type: 'FitFailed', details: { fitting_method: 'birch_murnaghan', fitted: [] } });
  expect(error?.details.energies_eV).toHaveLength(5);
  const { files } = taskFilesSchema.parse((await client.call(`/files/${task_id}`)).data);
  expect(files.map(({ filename }) => filename)).toEqual(
    expect.arrayContaining(['eos.csv', 'relaxed.cif', 'strained.xyz']),
  );
});
