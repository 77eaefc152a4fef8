// The models over real HTTP, with files as torch.save writes them: zip archives that are never unpacked.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { ZipFile } from 'yazl';
import { modelListSchema, modelSchema } from '../../../contracts/model.ts';
import type { Model } from '../../../contracts/model.ts';
import type { ApiAnswer } from '../../service/testing/test-service.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { running, client } = await serviceOfFile();
const checkpoint = await archiveOf('model/data.pkl', 'model/version');

async function archiveOf(...names: string[]): Promise<Buffer<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const name of names) zip.addBuffer(Buffer.from(`content of ${name}`), name);
  zip.end();
  return Buffer.from(await buffer(zip.outputStream));
}

function upload(config: unknown, content: Uint8Array<ArrayBuffer> = checkpoint): Promise<ApiAnswer> {
  const form = new FormData();
  form.set('config', typeof config === 'string' ? config : JSON.stringify(config));
  form.set('model_file', new Blob([content]), 'best.model');
  return client.call('/models/upload', { method: 'POST', body: form });
}

async function listed(language = 'en'): Promise<Model[]> {
  const { data } = await client.call('/models', { headers: { 'accept-language': language } });
  return modelListSchema.parse(data).models;
}

function files(): string[] {
  return readdirSync(join(running.folder.home, 'models'));
}

describe('built-in models', () => {
  test('they_are_described_in_both_languages_and_held_by_every_ready_process', async () => {
    await vi.waitFor(async () => {
      expect((await listed())[0]).toMatchObject({ id: 'uff4mof', is_available: true, loaded_on: ['cpu'] });
    }, 20_000);
    expect((await listed())[0]?.description).toContain('Universal force field');
    expect((await listed('zh'))[0]?.description).toContain('通用力场');
    expect(modelSchema.parse((await client.post('/models/uff4mof/load', {})).data).loaded_on).toEqual(['cpu']);
    expect((await client.post('/models/uff4mof/unload', {})).status).toBe(200);
    expect((await client.call('/models/uff4mof/validate', { method: 'POST' })).data).toMatchObject({ is_valid: true });
  });

  test('they_cannot_be_deleted_or_replaced_also_in_another_case', async () => {
    expect((await client.call('/models/uff4mof', { method: 'DELETE' })).error.code).toBe(40305);
    expect((await upload({ name: 'UFF4MOF', family: 'mace' })).error.code).toBe(40904);
  });
});

describe('a checkpoint of a user', () => {
  test('it_is_kept_with_its_checksum_and_honestly_not_available', async () => {
    const answer = await upload({ name: 'my-mace', family: 'mace', supported_elements: ['H', 'C'] });
    expect(answer.status).toBe(201);
    const model = modelSchema.parse(answer.data);
    expect(model).toMatchObject({ id: 'my-mace', is_custom: true, is_available: false, size_bytes: checkpoint.length });
    expect(model.sha256).toBe(createHash('sha256').update(checkpoint).digest('hex'));
    expect(files()).toHaveLength(1);
    expect(readFileSync(join(running.folder.home, 'models', files()[0]!)).equals(checkpoint)).toBe(true);
    const structure = { source: 'builtin', name: 'rock-salt' };
    const codes = [
      (await upload({ name: 'My-Mace', family: 'mace' })).error.code,
      (await client.post('/models/my-mace/load', {})).error.code,
      (await client.call('/models/my-mace/validate', { method: 'POST' })).error.code,
      (await client.call('/models/MY-MACE')).error.code,
      (await client.post('/tasks/optimization', { model: 'my-mace', structure })).error.code,
    ];
    expect(codes).toEqual([40904, 50304, 50301, 40403, 42203]);
  });

  test('a_task_with_a_model_that_cannot_be_read_is_refused_with_the_reason', async () => {
    await upload({ name: 'elements-unknown', family: 'mace' });
    const structure = { source: 'builtin', name: 'rock-salt' };
    const answer = await client.post('/tasks/optimization', { model: 'elements-unknown', structure });
    expect([answer.status, answer.error.code]).toEqual([503, 50304]);
    expect(JSON.stringify(answer.error.details)).toContain('uff4mof');
    expect((await client.call('/models/elements-unknown', { method: 'DELETE' })).status).toBe(200);
    expect((await listed()).map(({ id }) => id)).not.toContain('elements-unknown');
  });

  test('a_file_that_was_changed_on_disk_is_told', async () => {
    await upload({ name: 'spoiled', family: 'mace' }, await archiveOf('a/data.pkl', 'a/more'));
    const before = await client.call('/models/spoiled/validate', { method: 'POST' });
    expect(before.error.details).toMatchObject({ sha256_matches: true });
    for (const file of files()) writeFileSync(join(running.folder.home, 'models', file), 'spoiled');
    expect((await client.call('/models/spoiled/validate', { method: 'POST' })).error.code).toBe(42206);
  });

  test.each([
    ['no_archive', 'the quick brown fox', 42206],
    ['an_archive_of_something_else', null, 42206],
  ])('%s_is_refused_and_nothing_of_it_stays', async (name, text, code) => {
    const n_files = files().length;
    const content = text === null ? await archiveOf('readme.txt') : new TextEncoder().encode(text);
    expect((await upload({ name, family: 'mace' }, content)).error.code).toBe(code);
    expect(files()).toHaveLength(n_files);
  });

  test.each([
    ['{', 40001],
    [{ family: 'mace' }, 40002],
    [{ name: '../escape', family: 'mace' }, 40004],
    [{ name: 'x', family: 'gpt' }, 40004],
  ])('the_configuration_%j_is_refused_and_nothing_of_it_stays', async (config, code) => {
    const n_files = files().length;
    expect((await upload(config)).error.code).toBe(code);
    expect(files()).toHaveLength(n_files);
  });
});
