// Structures over HTTP: uploads of every kind, lists, downloads, deletion, and the built-in ones.
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { modelListSchema } from '../../../contracts/model.ts';
import { optimizationResultSchema } from '../../../contracts/results/optimization.ts';
import {
  builtinStructureListSchema,
  structureGeometrySchema,
  uploadedStructureSchema,
} from '../../../contracts/structure.ts';
import { submissionReceiptSchema, taskResultSchema } from '../../../contracts/task.ts';
import { ROCK_SALT_CIF } from '../../service/testing/test-service.ts';
import type { TestClient } from '../../service/testing/test-service.ts';
import { structureListSchema } from './structures.ts';
import { expectError } from './testing/expect-error.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { client } = await serviceOfFile();

const GOOD = { model: 'uff4mof', structure: { source: 'builtin', name: 'rock-salt' } };

describe('structures', () => {
  test('an_upload_is_described_kept_and_usable', async () => {
    const answer = await client.upload('C:\\lab\\rock salt.cif', ROCK_SALT_CIF);
    const uploaded = uploadedStructureSchema.parse(answer.data);
    expect(uploaded).toMatchObject({
      filename: 'rock salt.cif',
      format: 'cif',
      n_atoms: 8,
      formula: 'Cl4Na4',
      space_group_number: 225,
    });

    const file = await client.fetch(`/structures/${uploaded.file_id}`);
    expect(await file.text()).toBe(ROCK_SALT_CIF);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="rock salt.cif"');
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');

    const geometry = structureGeometrySchema.parse(
      (await client.call(`/structures/${uploaded.file_id}/geometry`)).data,
    );
    expect(geometry.structure.symbols).toHaveLength(8);
    const submitted = await client.post('/tasks/single-point-energy', {
      ...GOOD,
      structure: { source: 'upload', file_id: uploaded.file_id },
    });
    const { task_id } = submissionReceiptSchema.parse(submitted.data);
    expect(structureGeometrySchema.parse((await client.call(`/tasks/${task_id}/structure`)).data)).toEqual(geometry);
    expect((await client.waitFor(task_id, 'COMPLETED')).structure_name).toBe('rock salt');
  });

  test('the_final_structure_is_there_once_the_task_is_completed', async () => {
    const submitted = await client.post('/tasks/optimization', GOOD);
    const { task_id } = submissionReceiptSchema.parse(submitted.data);
    await client.waitFor(task_id, 'COMPLETED');
    const read = async (stage: string) =>
      structureGeometrySchema.parse((await client.call(`/tasks/${task_id}/structure?stage=${stage}`)).data);
    const [before, after] = [await read('submitted'), await read('final')];
    const { result } = taskResultSchema.parse((await client.call(`/tasks/${task_id}/result`)).data);
    expect(after.structure.symbols).toEqual(before.structure.symbols);
    expect(after.structure.positions).not.toEqual(before.structure.positions);
    expect(after.summary.volume_A3).toBeCloseTo(optimizationResultSchema.parse(result).final_volume_A3 ?? NaN, 6);
    expect((await client.call(`/tasks/${task_id}/structure?stage=half`)).status).toBe(400);
  });

  test('a_given_name_replaces_the_file_name', async () => {
    const { data } = await client.upload('upload.cif', ROCK_SALT_CIF, { name: '氯化钠' });
    expect(uploadedStructureSchema.parse(data).filename).toBe('氯化钠');
  });

  const overlapping = ROCK_SALT_CIF.replace('Cl4 Cl 0 0 0.5', 'Cl4 Cl 0.001 0 0');
  test.each([
    ['an empty file', 'empty.cif', '', 42201],
    ['a truncated file', 'cut.cif', ROCK_SALT_CIF.slice(0, 180), 42201],
    ['binary content', 'binary.cif', Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) % 256), 40009],
    ['overlapping atoms', 'overlap.cif', overlapping, 42204],
    ['a cell without volume', 'flat.cif', ROCK_SALT_CIF.replace('_cell_length_c 5.64', '_cell_length_c 0'), 42205],
    ['a coordinate that is no number', 'nan.cif', ROCK_SALT_CIF.replace('Na2 Na 0 0.5', 'Na2 Na NaN 0.5'), 42201],
    ['an unknown element', 'element.cif', ROCK_SALT_CIF.replace('Na1 Na', 'Na1 Qq'), 42201],
    ['an unknown format', 'notes.pdf', '%PDF-1.4 something', 40009],
  ] as const)('%s_is_refused', async (_what, filename, content, code) => {
    const bytes = typeof content === 'string' ? content : new Uint8Array(content);
    const error = expectError(await client.upload(filename, bytes), code);
    expect(typeof error.details.message).toBe('string');
  });

  test('bytes_that_are_not_utf8_in_a_comment_are_read', async () => {
    const latin1 = Buffer.from(`# Gr\u00f6\u00dfe\n${ROCK_SALT_CIF}`, 'latin1');
    expect((await client.upload('latin1.cif', new Uint8Array(latin1))).status).toBe(200);
  });

  test('100_MB_are_refused_before_they_are_read', async () => {
    expectError(await client.upload('huge.cif', new Uint8Array(100_000_000)), 40010);
    expect((await client.call('/models')).status).toBe(200);
  });

  test('a_stream_without_length_is_cut_off_at_the_limit', async () => {
    const sent = await sendEndlessUpload(client);
    expect(sent).toBeGreaterThan(64);
    expect(sent).toBeLessThan(1024);
    expect((await client.call('/models')).status).toBe(200);
  });

  test.each([
    ['no file', () => new FormData(), 40002],
    ['an unknown field', () => formOf({ colour: 'blue' }), 40004],
    ['a file in another field', () => formOf({}, 'structure'), 40003],
  ] as const)('a_form_with_%s_is_refused', async (_what, form, code) => {
    expectError(await client.call('/structures/upload', { method: 'POST', body: form() }), code);
  });

  test('a_body_that_is_no_form_is_refused', async () => {
    expectError(await client.post('/structures/upload', GOOD), 40001);
    const headers = { 'content-type': 'multipart/form-data' };
    expectError(await client.call('/structures/upload', { method: 'POST', headers, body: 'x' }), 40001);
  });

  test('uploads_are_listed_newest_first_by_pages', async () => {
    const ids = [];
    for (const name of ['first', 'second', 'third']) {
      ids.unshift(uploadedStructureSchema.parse((await client.upload('a.cif', ROCK_SALT_CIF, { name })).data).file_id);
    }
    const page = async (number: number) =>
      structureListSchema.parse((await client.call(`/structures?page_size=2&page=${number}`)).data);
    const [first, second] = [await page(1), await page(2)];
    expect([...first.structures, ...second.structures].slice(0, 3).map(({ file_id }) => file_id)).toEqual(ids);
    expect(first.structures[0]).toMatchObject({ filename: 'third', size_bytes: ROCK_SALT_CIF.length, n_atoms: 8 });
    expect(first.pagination.total_pages).toBe(Math.ceil(first.pagination.total / 2));
  });

  test('an_upload_is_deleted_unless_a_task_that_has_not_ended_was_submitted_with_it', async () => {
    const upload = async () =>
      uploadedStructureSchema.parse((await client.upload('rock-salt.cif', ROCK_SALT_CIF)).data).file_id;
    const [unused, used] = [await upload(), await upload()];
    const remove = (file_id: string) => client.call(`/structures/${file_id}`, { method: 'DELETE' });
    expect((await remove(unused)).data).toEqual({ file_id: unused });
    expectError(await client.call(`/structures/${unused}/geometry`), 40402);
    expectError(await remove(unused), 40402);
    expectError(
      await client.post('/tasks/optimization', { ...GOOD, structure: { source: 'upload', file_id: unused } }),
      40402,
    );

    const structure = { source: 'upload', file_id: used };
    const earlier = await client.submit({ max_steps: 3 }, { structure });
    await client.waitFor(earlier, 'COMPLETED');
    await client.post('/system/queue/pause', {});
    const waiting = await client.submit({}, { structure });
    expectError(await remove(used), 40905);
    await client.post(`/tasks/${waiting}/cancel`, {});
    await client.post('/system/queue/resume', {});
    expect((await remove(used)).status).toBe(200);
    expect((await client.call(`/tasks/${earlier}/structure`)).status).toBe(200);
  });

  test('built_in_structures_are_listed_served_and_drawn', async () => {
    const { structures } = builtinStructureListSchema.parse((await client.call('/structures/builtin')).data);
    expect(structures.map(({ name }) => name)).toEqual(['rock-salt']);
    expect(await (await client.fetch('/structures/builtin/rock-salt')).text()).toBe(ROCK_SALT_CIF);
    const geometry = structureGeometrySchema.parse((await client.call('/structures/builtin/rock-salt/geometry')).data);
    expect(geometry.summary.volume_A3).toBeCloseTo(5.64 ** 3, 9);
    expectError(await client.call('/structures/builtin/none'), 40406);
    expectError(await client.call('/structures/builtin/..%2findex.json'), 40406);
    expectError(await client.call('/structures/builtin/__proto__/geometry'), 40406);
    expectError(await client.call('/structures/file_none'), 40402);
    expectError(await client.call('/structures/file_none/geometry'), 40402);
  });

  test('models_tell_what_they_can', async () => {
    const { models } = modelListSchema.parse((await client.call('/models')).data);
    expect(models.filter(({ installed }) => installed).map(({ id }) => id)).toEqual(['uff4mof']);
    expect(models[0]!.supported_elements).toEqual(expect.arrayContaining(['H', 'C', 'Zn', 'Zr', 'Lr']));
  });
});

function formOf(fields: Record<string, string>, fileField = 'file'): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set(fileField, new Blob([ROCK_SALT_CIF]), 'rock-salt.cif');
  return form;
}

/** Sends a file without end until the service hangs up. Returns how many MiB it took. */
async function sendEndlessUpload({ url, apiKey }: TestClient): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'multipart/form-data; boundary=b' };
  const upload = request(`${url}/api/v1/structures/upload`, { method: 'POST', headers });
  const closed = new Promise((resolve) => upload.once('close', resolve));
  // A connection that is closed while we write is what this is about.
  upload.on('error', () => undefined);
  upload.on('response', (response) => response.resume());
  upload.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.cif"\r\n\r\n');
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  let sent = 0;
  while (!upload.destroyed) {
    sent += 1;
    if (!upload.write(mebibyte)) await Promise.race([closed, new Promise((resolve) => upload.once('drain', resolve))]);
  }
  return sent;
}
