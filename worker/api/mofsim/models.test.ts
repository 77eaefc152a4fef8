// The built-in models over real HTTP, and files that are none. Models that were imported: imported-models.test.ts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { ZipFile } from 'yazl';
import { modelListSchema, modelSchema } from '../../../contracts/model.ts';
import type { Model } from '../../../contracts/model.ts';
import type { ApiAnswer } from '../../service/testing/test-service.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { running, client } = await serviceOfFile();

async function archiveOf(...names: string[]): Promise<Buffer<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const name of names) zip.addBuffer(Buffer.from(`content of ${name}`), name);
  zip.end();
  return Buffer.from(await buffer(zip.outputStream));
}

function upload(
  config: unknown,
  content: Uint8Array<ArrayBuffer> = new TextEncoder().encode('a pickle'),
): Promise<ApiAnswer> {
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

describe('a file that is no model', () => {
  test.each([
    ['no_archive', 'the quick brown fox'],
    ['an_archive_of_something_else', null],
  ])('%s_is_refused_with_a_sentence_and_nothing_of_it_stays', async (name, text) => {
    const content = text === null ? await archiveOf('readme.txt') : new TextEncoder().encode(text);
    const { status, error } = await upload({ name, family: 'mace' }, content);
    expect([status, error.code]).toEqual([422, 42206]);
    expect(String(error.details.message).length).toBeGreaterThan(20);
    expect(files()).toEqual([]);
    expect((await listed()).map(({ id }) => id)).not.toContain(name);
  });

  test.each([
    ['{', 40001],
    [{ family: 'mace' }, 40002],
    [{ name: '../escape', family: 'mace' }, 40004],
    [{ name: 'x', family: 'gpt' }, 40004],
  ])('the_configuration_%j_is_refused_and_nothing_of_it_stays', async (config, code) => {
    expect((await upload(config)).error.code).toBe(code);
    expect(files()).toEqual([]);
  });
});
