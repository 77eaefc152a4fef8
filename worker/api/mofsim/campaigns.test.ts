// Campaigns against the real service: what is refused, that every cell is computed once or says why not, scores, and the end of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  campaignListSchema,
  campaignReceiptSchema,
  campaignSchema,
  campaignScoresSchema,
  campaignTableSchema,
} from '../../../contracts/campaign.ts';
import type { Campaign, CampaignRow } from '../../../contracts/campaign.ts';
import { taskListSchema } from '../../../contracts/task.ts';
import { ROCK_SALT_CIF, startTestService, TestClient } from '../../service/testing/test-service.ts';
import type { ApiAnswer, TestService } from '../../service/testing/test-service.ts';
import { readStream } from '../../service/testing/read-stream.ts';
import { waitForCampaign } from '../../service/campaigns/testing/wait-for-campaign.ts';

let running: TestService;
/** The window's session: no rate limit. */
let client: TestClient;

beforeAll(async () => {
  running = await startTestService();
  client = new TestClient(running.client.url, running.service.createSessionToken());
});
afterAll(async () => {
  await running.close();
});

const inline = (content: string) => ({ source: 'inline', format: 'cif', content });
const GOOD = { name: 'good', structure: { source: 'builtin', name: 'rock-salt' } };
const OPTIMIZATION = { task_type: 'optimization', parameters: { fmax: 0.01 } };
const SINGLE_POINT = { task_type: 'single-point-energy' };

async function submitted(changes: object): Promise<string> {
  const answer = await client.post('/campaigns', {
    name: 'test',
    structures: [GOOD],
    tasks: [SINGLE_POINT],
    models: ['uff4mof'],
    ...changes,
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return campaignReceiptSchema.parse(answer.data).campaign_id;
}

async function ended(campaign_id: string): Promise<Campaign> {
  return waitForCampaign(client, campaign_id, ({ status }) => status === 'COMPLETED' || status === 'CANCELLED');
}

/** Told by its events, if it is still there to tell. */
async function gone(campaign_id: string): Promise<void> {
  const path = `/campaigns/${campaign_id}/events`;
  if ((await client.call(`/campaigns/${campaign_id}`)).status === 200) await readStream(client, path).catch(() => []);
}

async function rowsOf(campaign_id: string, query = ''): Promise<CampaignRow[]> {
  return campaignTableSchema.parse((await client.call(`/campaigns/${campaign_id}/table${query}`)).data).rows;
}

async function tasksOf(campaign_id: string) {
  const { data } = await client.call(`/tasks?batch_id=${campaign_id}&page_size=200`);
  return taskListSchema.parse(data).tasks;
}

describe('a submission', () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ ...GOOD, name: `n${i}` }));
  test.each([
    ['a model that there is not', { models: ['none'] }, 40008],
    ['a model named twice', { models: ['uff4mof', 'uff4mof'] }, 42207],
    ['two structures of one name', { structures: [GOOD, GOOD] }, 42207],
    ['no structure', { structures: [] }, 40004],
    ['a task that there is not', { tasks: [{ task_type: 'melting' }] }, 40004],
    ['a parameter out of range', { tasks: [{ ...OPTIMIZATION, parameters: { fmax: -1 } }] }, 40004],
    [
      'one label for two tasks',
      {
        tasks: [
          { ...OPTIMIZATION, label: 'a' },
          { ...SINGLE_POINT, label: 'a' },
        ],
      },
      42207,
    ],
    [
      'more cells than may be',
      { structures: many, tasks: Array.from({ length: 20 }, (_, i) => ({ ...SINGLE_POINT, label: `t${i}` })) },
      42207,
    ],
    [
      'a quantity that nothing computes',
      { reference: [{ structure_name: 'good', quantity: 'color', value: 1 }] },
      40004,
    ],
    [
      'two references for one value',
      {
        reference: [
          { structure_name: 'good', quantity: 'energy_eV', value: 1 },
          { structure_name: 'good', quantity: 'energy_eV', value: 2 },
        ],
      },
      42207,
    ],
  ])('with %s is refused as a whole', async (_what, changes, code) => {
    const before = await countCampaigns();
    const body = { name: 'test', structures: [GOOD], tasks: [SINGLE_POINT], models: ['uff4mof'], ...changes };
    const { error } = await client.post('/campaigns', body);
    expect(error.code, JSON.stringify(error)).toBe(code);
    expect(error.details).toHaveProperty('message');
    expect(await countCampaigns()).toBe(before);
  });

  test('with_the_same_idempotency_key_is_one_campaign', async () => {
    const body = { name: 'once', structures: [GOOD], tasks: [SINGLE_POINT], models: ['uff4mof'] };
    const headers = { 'idempotency-key': 'campaign-once' };
    const [first, second] = [
      await client.post('/campaigns', body, headers),
      await client.post('/campaigns', body, headers),
    ];
    expect(second.data).toEqual(first.data);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const { campaign_id } = campaignReceiptSchema.parse(first.data);
    await ended(campaign_id);
    expect(await tasksOf(campaign_id)).toHaveLength(1);
  });
});

async function countCampaigns(): Promise<number> {
  return campaignListSchema.parse((await client.call('/campaigns')).data).pagination.total;
}

describe('a campaign', () => {
  test('computes_every_cell_once_and_says_of_every_other_one_why_not', async () => {
    const campaign_id = await submitted({
      structures: [
        GOOD,
        { name: 'as text', structure: inline(ROCK_SALT_CIF) },
        { name: 'nonsense', structure: inline('data_x\nno cell here\n') },
        { name: 'unknown', structure: { source: 'builtin', name: 'atlantis' } },
        { name: 'unsupported', structure: inline(ROCK_SALT_CIF.replaceAll(' Na ', ' Og ')) },
        { name: 'unsent', structure: null, problem: 'The file could not be read.' },
      ],
      tasks: [OPTIMIZATION, SINGLE_POINT, { ...OPTIMIZATION, parameters: { fmax: 0.001, max_steps: 0 } }],
    });
    const campaign = await ended(campaign_id);
    expect(campaign).toMatchObject({ status: 'COMPLETED', progress: 100, n_cells: 18, estimated_remaining_seconds: 0 });
    expect(campaign.counts).toMatchObject({ COMPLETED: 6, REFUSED: 12, FAILED: 0, PLANNED: 0 });
    expect(campaign.tasks.map(({ label }) => label)).toEqual(['optimization', 'single-point-energy', 'optimization-2']);

    const rows = await rowsOf(campaign_id);
    expect(rows).toHaveLength(18);
    expect(rows.map(({ structure_name }) => structure_name).filter((_, i) => i % 3 === 0)).toEqual([
      'good',
      'as text',
      'nonsense',
      'unknown',
      'unsupported',
      'unsent',
    ]);
    const reasonOf = (name: string) => rows.find(({ structure_name }) => structure_name === name)?.reason;
    expect(reasonOf('unknown')).toContain('atlantis');
    expect(reasonOf('unsupported')).toContain('Og');
    expect(reasonOf('unsent')).toBe('The file could not be read.');
    for (const { status, reason, task_id } of rows) {
      if (status === 'REFUSED') expect([typeof reason, task_id]).toEqual(['string', null]);
    }
    const [relaxed, single, unconverged] = rows;
    expect(relaxed).toMatchObject({ is_reliable: true, reason: null, n_atoms: 8, figures: { converged: true } });
    const { volume_A3, volume_per_atom_A3 } = relaxed?.figures ?? {};
    expect(volume_per_atom_A3).toBeCloseTo(Number(volume_A3) / 8, 12);
    expect(single?.figures).toHaveProperty('energy_per_atom_eV');
    expect(unconverged).toMatchObject({ is_reliable: false, figures: { converged: false } });
    expect(unconverged?.reason).toContain('max_steps');
    expect(await tasksOf(campaign_id)).toHaveLength(6);
    expect(await rowsOf(campaign_id, '?status=REFUSED&page_size=5&page=3')).toHaveLength(2);
  });

  test('is_scored_against_reference_values_and_knows_whom_they_do_not_meet', async () => {
    const structures = ['a', 'b', 'c', 'd'].map((name) => ({ ...GOOD, name }));
    const campaign_id = await submitted({
      structures: [...structures, { name: 'lost', structure: null, problem: 'gone' }],
    });
    await ended(campaign_id);
    const energy = Number((await rowsOf(campaign_id))[0]?.figures.energy_eV);
    const reference = [
      { structure_name: 'a', quantity: 'energy_eV', value: energy },
      { structure_name: 'b', quantity: 'energy_eV', value: energy / 1.05 },
      { structure_name: 'c', quantity: 'energy_eV', value: energy / 2 },
      { structure_name: 'lost', quantity: 'energy_eV', value: 1 },
      { structure_name: 'elsewhere', quantity: 'energy_eV', value: 1 },
    ];
    const put = await client.call(`/campaigns/${campaign_id}/reference`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reference }),
    });
    expect(campaignSchema.parse(put.data).n_references).toBe(5);
    const { data } = await client.call(`/campaigns/${campaign_id}/scores`);
    const { scores, ...unmatched } = campaignScoresSchema.parse(data);
    expect(unmatched).toEqual({
      unmatched_references: ['elsewhere'],
      n_unmatched_references: 1,
      structures_without_reference: ['d'],
    });
    expect(scores).toHaveLength(1);
    expect(scores[0]).toMatchObject({ n_references: 4, n: 3, n_failed: 1, n_within_10_percent: 2, unit: 'eV' });
    expect(scores[0]?.percent_within_10_percent).toBe(50);
    // Errors 0, energy (1 - 1/1.05) and energy / 2.
    expect(scores[0]?.mae).toBeCloseTo((Math.abs(energy) * (1 - 1 / 1.05 + 0.5)) / 3, 9);
    expect(scores[0]?.mape_percent).toBeCloseTo((5 + 100) / 3, 9);

    const csv = await (await client.fetch(`/campaigns/${campaign_id}/table.csv`)).text();
    const lines = csv.trimEnd().split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain('reference_energy_eV,error_energy_eV,error_percent_energy_eV');
    const report = await client.fetch(`/campaigns/${campaign_id}/report.html`);
    const html = await report.text();
    expect(report.headers.get('content-disposition')).toContain('attachment');
    expect(html).toContain('<svg class="plot"');
    expect(html).toContain('elsewhere');
  });

  test('that_is_cancelled_submits_nothing_more_and_goes_on_when_it_is_tried_again', async () => {
    await client.post('/system/queue/pause', {});
    const structures = Array.from({ length: 40 }, (_, i) => ({ ...GOOD, name: `s${i}` }));
    const campaign_id = await submitted({ structures });
    expect((await client.call(`/campaigns/${campaign_id}`, { method: 'DELETE' })).error.code).toBe(40901);
    const cancelled = await client.post(`/campaigns/${campaign_id}/cancel`, {});
    const receipt = z.object({ n_cancelled: z.int(), n_never_submitted: z.int() }).parse(cancelled.data);
    expect(receipt.n_cancelled + receipt.n_never_submitted).toBe(40);
    const stopped = await ended(campaign_id);
    expect(stopped).toMatchObject({ status: 'CANCELLED', counts: { CANCELLED: 40, PLANNED: 0 } });
    expect(await tasksOf(campaign_id)).toHaveLength(receipt.n_cancelled);
    expect((await client.post(`/campaigns/${campaign_id}/cancel`, {})).error.code).toBe(40903);

    await client.post('/system/queue/resume', {});
    const again = await client.post(`/campaigns/${campaign_id}/retry-failed`, {});
    expect(again.data).toEqual({ campaign_id, n_retried: 40 });
    const done = await ended(campaign_id);
    expect(done).toMatchObject({ status: 'COMPLETED', counts: { COMPLETED: 40 } });
    const rows = await rowsOf(campaign_id);
    expect(rows.flatMap(({ earlier_task_ids }) => earlier_task_ids)).toHaveLength(receipt.n_cancelled);
    expect((await client.post(`/campaigns/${campaign_id}/cancel`, {})).error.code).toBe(40902);
  });

  test('takes_its_tasks_along_when_it_is_deleted', async () => {
    const campaign_id = await submitted({ tasks: [SINGLE_POINT, OPTIMIZATION] });
    await ended(campaign_id);
    const [task] = await tasksOf(campaign_id);
    await client.call(`/tasks/${task?.task_id ?? ''}`, { method: 'DELETE' });
    expect((await ended(campaign_id)).counts).toMatchObject({ COMPLETED: 1, DELETED: 1 });
    const rows = await rowsOf(campaign_id);
    expect(rows.map(({ status }) => status).sort()).toEqual(['COMPLETED', 'DELETED']);
    const removed = await client.call(`/campaigns/${campaign_id}`, { method: 'DELETE' });
    expect([removed.status, removed.data]).toEqual([202, { campaign_id, status: 'DELETING', n_tasks: 1 }]);
    await gone(campaign_id);
    expect(await tasksOf(campaign_id)).toEqual([]);
    expect((await client.call(`/campaigns/${campaign_id}`)).error.code).toBe(40405);
  });

  test('of_somebody_who_may_only_read_cannot_be_changed', async () => {
    const campaign_id = await submitted({});
    const { data } = await client.post('/keys', { name: 'reader', scope: 'read' });
    const { key } = z.object({ key: z.string() }).parse(data);
    const reader = new TestClient(client.url, key);
    expect((await reader.call(`/campaigns/${campaign_id}`)).status).toBe(200);
    const refused: ApiAnswer[] = [
      await reader.post('/campaigns', {}),
      await reader.post(`/campaigns/${campaign_id}/cancel`, {}),
      await reader.call(`/campaigns/${campaign_id}`, { method: 'DELETE' }),
    ];
    expect(refused.map(({ error }) => error.code)).toEqual([40302, 40302, 40302]);
    await ended(campaign_id);
  });
});
