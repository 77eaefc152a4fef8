// A service that is killed in the middle of a campaign: every cell is computed exactly once all the same.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { campaignReceiptSchema, campaignTableSchema } from '../../../contracts/campaign.ts';
import { taskListSchema } from '../../../contracts/task.ts';
import { openStore } from '../../store/store.ts';
import { KillableServices } from '../testing/killable-service.ts';
import { createTestFolder, startTestService, TestClient } from '../testing/test-service.ts';
import type { TestFolder } from '../testing/test-service.ts';
import { readStream } from '../testing/read-stream.ts';
import type { Received } from '../testing/read-stream.ts';
import { waitForCampaign } from './testing/wait-for-campaign.ts';

const startedSchema = z.object({ url: z.string(), apiKey: z.string() });
const N_STRUCTURES = 60;
const N_REFUSED = 6;
/** Processes are started four times. */
const TIMEOUT_MS = 90_000;

let folder: TestFolder;
const services = new KillableServices();

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(async () => {
  await services.killAll();
  folder.remove();
});

/** A service in a process of its own. */
async function startProcess(): Promise<{ child: ChildProcess; client: TestClient }> {
  const { child, answer } = await services.start(folder);
  const { url, apiKey } = startedSchema.parse(answer);
  return { child, client: new TestClient(url, apiKey) };
}

function rowsIn(table: string): number {
  const connection = new Database(join(folder.home, 'mofsim.db'), { readonly: true });
  try {
    return z.int().parse(connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  } finally {
    connection.close();
  }
}

const CAMPAIGN = {
  name: 'interrupted',
  structures: Array.from({ length: N_STRUCTURES }, (_, i) => {
    // Every tenth one cannot be computed.
    return { name: `s${i}`, structure: { source: 'builtin', name: i % 10 === 9 ? 'atlantis' : 'rock-salt' } };
  }),
  tasks: [{ task_type: 'single-point-energy' }],
  models: ['uff4mof'],
};

describe.skipIf(process.platform === 'win32')('a service that is killed', () => {
  test(
    'while_it_submits_a_campaign_completes_it_exactly_once_per_cell',
    async () => {
      // A queue that does not take all of it: whenever the kill comes, something is left to submit.
      mkdirSync(folder.home, { recursive: true });
      writeFileSync(join(folder.home, 'config.json'), JSON.stringify({ max_queue_size: 40 }));
      let { child, client } = await startProcess();
      // Nothing is computed while the submission is what is looked at.
      await client.post('/system/queue/pause', {});
      const { data } = await client.post('/campaigns', CAMPAIGN);
      const { campaign_id } = campaignReceiptSchema.parse(data);
      for (const share of [0.1, 0.3]) {
        // Cells that are refused are not open either.
        const seen = await waitForCampaign(
          client,
          campaign_id,
          ({ counts }) => counts.PLANNED < N_STRUCTURES * (1 - share),
        );
        expect(seen.counts.PLANNED).toBeGreaterThan(0);
        child.kill('SIGKILL');
        await once(child, 'exit');
        ({ child, client } = await startProcess());
      }
      await client.post('/system/queue/resume', {});
      const campaign = await waitForCampaign(client, campaign_id, ({ status }) => status === 'COMPLETED');
      expect(campaign.counts).toMatchObject({ COMPLETED: N_STRUCTURES - N_REFUSED, REFUSED: N_REFUSED, PLANNED: 0 });

      const { data: listed } = await client.call(`/tasks?batch_id=${campaign_id}&page_size=200`);
      const { tasks, pagination } = taskListSchema.parse(listed);
      expect(pagination.total).toBe(N_STRUCTURES - N_REFUSED);
      expect(new Set(tasks.map(({ name }) => name)).size).toBe(N_STRUCTURES - N_REFUSED);
      const { rows } = campaignTableSchema.parse(
        (await client.call(`/campaigns/${campaign_id}/table?page_size=500`)).data,
      );
      const ids = rows.flatMap(({ task_id }) => (task_id === null ? [] : [task_id]));
      expect(new Set(ids)).toEqual(new Set(tasks.map(({ task_id }) => task_id)));
    },
    TIMEOUT_MS,
  );

  test(
    'while_it_deletes_a_campaign_deletes_the_rest_of_it_at_its_next_start',
    async () => {
      const { child, client } = await startProcess();
      await client.post('/system/queue/pause', {});
      const structures = Array.from({ length: 400 }, (_, i) => ({ ...CAMPAIGN.structures[0], name: `s${i}` }));
      const { data } = await client.post('/campaigns', { ...CAMPAIGN, structures });
      const { campaign_id } = campaignReceiptSchema.parse(data);
      await waitForCampaign(client, campaign_id, ({ status }) => status === 'RUNNING');
      await client.post(`/campaigns/${campaign_id}/cancel`, {});
      const isLast = ({ event }: Received) => event === 'task_deleted';
      const onOpen = () => void client.call(`/campaigns/${campaign_id}`, { method: 'DELETE' }).catch(() => null);
      await readStream(client, '/events', { isLast, onOpen });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(rowsIn('tasks')).toBeGreaterThan(0);
      expect(rowsIn('campaign_cells')).toBe(400);

      const again = await startProcess();
      await readStream(again.client, `/campaigns/${campaign_id}/events`).catch(() => []);
      expect((await again.client.call(`/campaigns/${campaign_id}`)).error.code).toBe(40405);
      for (const table of ['tasks', 'campaign_cells', 'campaign_structures', 'campaigns'])
        expect(rowsIn(table)).toBe(0);
      expect(readdirSync(join(folder.home, 'tasks'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test('before_it_has_answered_drops_what_it_had_written', async () => {
    const store = openStore(folder.home);
    store.campaigns.insert({
      campaign_id: 'campaign_unanswered',
      owner: 'local',
      key_id: null,
      name: 'never acknowledged',
      tasks: [{ label: 'a', task_type: 'single-point-energy', parameters: {} }],
      models: ['uff4mof'],
      shared: { with_d3: false, priority: 'LOW', timeout: null, max_attempts: 3, tags: [] },
      n_structures: 2,
      created_at: '2026-01-01T00:00:00.000Z',
    });
    const source = { source: 'builtin', name: 'rock-salt' } as const;
    store.campaigns.addStructure('campaign_unanswered', { structure_index: 0, name: 'a', source });
    store.campaignCells.add('campaign_unanswered', { structure_index: 0, task_index: 0, model_index: 0 }, null);
    store.close();
    const { client, close } = await startTestService({ folder });
    try {
      expect((await client.call('/campaigns/campaign_unanswered')).error.code).toBe(40405);
      expect((await client.call('/tasks')).data).toMatchObject({ tasks: [] });
    } finally {
      await close();
    }
    expect(rowsIn('campaign_cells')).toBe(0);
  });
});

test(
  'a_full_queue_is_waited_for_and_said',
  async () => {
    mkdirSync(folder.home, { recursive: true });
    writeFileSync(join(folder.home, 'config.json'), JSON.stringify({ max_queue_size: 20 }));
    const { client, close } = await startTestService({ folder });
    try {
      await client.post('/system/queue/pause', {});
      const { data } = await client.post('/campaigns', CAMPAIGN);
      const { campaign_id } = campaignReceiptSchema.parse(data);
      const waiting = await waitForCampaign(client, campaign_id, ({ waits_for }) => waits_for !== null);
      expect(waiting.waits_for).toContain('20 may');
      expect(waiting.counts.QUEUED).toBeLessThanOrEqual(20);
      await client.post('/system/queue/resume', {});
      const done = await waitForCampaign(client, campaign_id, ({ status }) => status === 'COMPLETED');
      expect(done.counts).toMatchObject({ COMPLETED: N_STRUCTURES - N_REFUSED, REFUSED: N_REFUSED });
    } finally {
      await close();
    }
  },
  TIMEOUT_MS,
);
