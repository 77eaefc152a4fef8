// Models that were imported from checkpoints, over real HTTP: listed with what their files say, checked against tasks, deleted.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { modelSchema, placedModelSchema } from '../../../contracts/model.ts';
import { submissionReceiptSchema } from '../../../contracts/task.ts';
import { checkpointOf, smallMace, stateDictOf } from '../../models/mace/testing/small-mace.ts';
import { CHECKPOINT, putModel } from '../../service/testing/put-model.ts';
import { createTestFolder, startTestService, TestClient } from '../../service/testing/test-service.ts';
import type { ApiAnswer } from '../../service/testing/test-service.ts';

const folder = createTestFolder();
const models = join(folder.home, 'models');

putModel(folder.home, 'water', 'fixture-residual');
putModel(folder.home, 'heads', 'fixture-density');
putModel(folder.home, 'lost', null);
putModel(folder.home, 'mace_mp_0b3_medium', 'fixture-residual');
const running = await startTestService({ folder });
const client = new TestClient(running.client.url, running.service.createSessionToken());
afterAll(async () => {
  await running.close();
  folder.remove();
});

const WATER = {
  source: 'inline',
  format: 'xyz',
  content: '3\nwater\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n',
};

async function modelOf(id: string) {
  return modelSchema.parse((await client.call(`/models/${id}`)).data);
}

function placed({ status, data, body }: ApiAnswer) {
  expect(status, JSON.stringify(body)).toBe(200);
  return placedModelSchema.parse(data);
}

function submit(body: object) {
  return client.post('/tasks/single-point-energy', { structure: WATER, ...body });
}

test('it_is_listed_with_the_elements_and_heads_of_its_file', async () => {
  expect(await modelOf('water')).toMatchObject({
    is_available: true,
    installed: true,
    d3_available: true,
    supported_elements: ['O', 'H', 'C'],
    heads: ['Default'],
    sha256: createHash('sha256').update(CHECKPOINT).digest('hex'),
  });
  expect((await modelOf('heads')).heads).toHaveLength(3);
});

test('a_task_may_name_it_and_an_element_it_does_not_know_is_refused', async () => {
  const { status } = await submit({ model: 'water', with_d3: true });
  expect(status).toBe(202);
  const salt = await submit({ model: 'water', structure: { source: 'builtin', name: 'rock-salt' } });
  expect([salt.error.code, salt.error.details.unsupported_elements]).toEqual([42203, ['Cl', 'Na']]);
});

test('options_of_the_force_field_and_heads_that_are_not_there_are_refused_at_once', async () => {
  const codes = [
    (await submit({ model: 'water', parameters: { model_options: { cutoff_A: 10 } } })).error.code,
    (await submit({ model: 'heads', parameters: { model_options: { head: 'nobody' } } })).error.code,
    (await submit({ model: 'uff4mof', with_d3: true })).error.code,
  ];
  expect(codes).toEqual([42207, 42207, 42207]);
});

test('a_published_model_is_listed_as_not_installed_and_a_task_that_names_it_is_told_the_way_to_get_it', async () => {
  const model = await modelOf('mace_mpa_0_medium');
  expect(model).toMatchObject({ installed: false, is_available: false, license: 'MIT', is_recommended: true });
  expect(model.download_url).toMatch(/^https:\/\/github\.com\/ACEsuit\/mace-foundations\/releases\//);
  const { status, error } = await submit({ model: 'mace_prod' });
  expect([status, error.code]).toEqual([503, 50304]);
  expect(String(error.details.message)).toMatch(/https:.*mofsim models import/);
  expect((await client.call('/models/mace_mpa_0_medium', { method: 'DELETE' })).error.code).toBe(40305);
});

test('an_imported_file_of_that_name_takes_its_place_under_all_its_names', async () => {
  // Its checksum is not the published one, so nothing is said of its licence.
  expect(await modelOf('mace_mp_0b3_medium')).toMatchObject({ installed: true, is_custom: true, license: null });
  expect((await submit({ model: 'mace_prod_b3' })).status).toBe(202);
});

test('one_that_cannot_be_read_any_more_is_listed_with_the_reason_and_refused', async () => {
  await vi.waitFor(async () => {
    expect((await modelOf('lost')).unavailable_reason).toMatch(/zip|archive|torch/i);
  });
  expect((await modelOf('lost')).is_available).toBe(false);
  const { status, error } = await submit({ model: 'lost', structure: WATER });
  expect([status, error.code]).toEqual([503, 50304]);
  expect((await client.post('/models/lost/load', {})).error.code).toBe(50304);
});

test('it_is_loaded_before_its_first_task_and_given_back_with_the_process_that_held_it', async () => {
  await vi.waitFor(async () => {
    expect(placed(await client.post('/models/water/load', {})).placements).toMatchObject([
      { device: 'cpu', state: 'loaded', seconds: expect.any(Number) as number },
    ]);
  }, 20_000);
  expect((await modelOf('water')).loaded_on).toEqual(['cpu']);
  const unloaded = placed(await client.post('/models/water/unload', {}));
  expect(unloaded.placements).toMatchObject([{ device: 'cpu', state: 'unloaded', seconds: null, memory_mb: null }]);
  expect(unloaded.loaded_on).toEqual([]);
  await vi.waitFor(async () => {
    expect(placed(await client.post('/models/water/unload', {})).placements).toMatchObject([{ state: 'not_loaded' }]);
  }, 20_000);
  // The slot computes as before.
  const { data } = await submit({ model: 'water' });
  await client.waitFor(submissionReceiptSchema.parse(data).task_id, 'COMPLETED');
});

test('a_force_field_has_nothing_to_load_and_a_gpu_that_there_is_not_is_told', async () => {
  expect(placed(await client.post('/models/uff4mof/load', {})).placements).toEqual([]);
  expect((await client.post('/models/water/load', { gpu_id: 7 })).error.code).toBe(40405);
});

test('a_file_that_was_changed_on_disk_is_told', async () => {
  writeFileSync(join(models, 'heads.pt'), 'spoiled');
  expect((await client.call('/models/heads/validate', { method: 'POST' })).error.code).toBe(42206);
});

function upload(config: object, checkpoint: Buffer) {
  const form = new FormData();
  form.set('config', JSON.stringify({ family: 'mace', ...config }));
  form.set('model_file', new Blob([new Uint8Array(checkpoint)]), 'best.model');
  return client.call('/models/upload', { method: 'POST', body: form });
}

test('an_uploaded_checkpoint_can_be_computed_with_when_the_answer_comes_and_its_name_is_taken', async () => {
  const answer = await upload({ name: 'mine' }, checkpointOf(smallMace()));
  expect([answer.status, modelSchema.parse(answer.data)]).toMatchObject([
    201,
    { id: 'mine', is_available: true, supported_elements: ['H', 'O'], heads: ['Default'] },
  ]);
  expect((await submit({ model: 'mine' })).status).toBe(202);
  expect((await client.call('/models/mine/validate', { method: 'POST' })).data).toMatchObject({ is_valid: true });
  expect((await upload({ name: 'Mine' }, checkpointOf(smallMace()))).error.code).toBe(40904);
});

test('the_weights_of_a_training_run_need_what_they_do_not_say', async () => {
  const weights = stateDictOf(smallMace());
  const refused = await upload({ name: 'trained' }, weights);
  expect([refused.error.code, refused.error.details.message]).toEqual([
    42206,
    expect.stringContaining('avg_num_neighbors'),
  ]);
  expect((await upload({ name: 'trained', details: { avg_num_neighbors: 2.5 } }, weights)).status).toBe(201);
  expect((await modelOf('trained')).is_available).toBe(true);
});

test('deleted_it_is_gone_with_all_its_files', async () => {
  expect((await client.call('/models/heads', { method: 'DELETE' })).status).toBe(200);
  expect(readdirSync(models).some((entry) => entry.startsWith('heads'))).toBe(false);
  expect(existsSync(join(models, 'water.pt.imported'))).toBe(true);
  rmSync(join(models, 'lost.pt'), { force: true });
});
