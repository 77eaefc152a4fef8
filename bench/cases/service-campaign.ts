// A campaign of 50 000 cells, computed and compared: how long each of its requests takes, and how long it holds up the others. And
// the same of a batch of 1000 tasks.
import { setTimeout as sleep } from 'node:timers/promises';
import { batchReceiptSchema } from '../../contracts/task.ts';
import { successSchema } from '../../contracts/envelope.ts';
import { createId } from '../../worker/service/ids.ts';
import { openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';
import type { ServiceProcess } from '../service-process.ts';
import { insertEnded } from './service-database.ts';

const N_STRUCTURES = 5000;
const N_TASKS = 10;
const N_BATCH = 1000;
const STRUCTURES_AT_ONCE = 50;
const ASKED_EVERY_MS = 5;
const SETTLE_MS = 500;
const QUANTITY = 'volume_per_atom_A3';

interface Timed {
  /** Until the answer is there, ms. */
  wall_ms: number;
  /** The longest that another request waited meanwhile, ms. */
  longest_hold_up_ms: number;
  /** Of the service, s. */
  cpu_s: number;
}

export async function measureCampaign(version: string, home: string): Promise<Measurement[]> {
  await makeUnlimitedHome(home);
  const campaign_id = fillDatabase(home);
  const service = await startService(home);
  const of = `/campaigns/${campaign_id}`;
  const measured: [string, Timed][] = [];
  try {
    await ask(service, 'POST', '/system/queue/pause', {});
    const steps: [string, () => Promise<unknown>][] = [
      ['scores', () => ask(service, 'GET', `${of}/scores`)],
      ['page_of_1000_rows', () => ask(service, 'GET', `${of}/table?page_size=1000&page=20`)],
      ['csv', () => ask(service, 'GET', `${of}/table.csv`)],
      ['report', () => ask(service, 'GET', `${of}/report.html`)],
      ['batch_of_1000', () => submitBatch(service)],
      ['delete_until_gone', () => deleteUntilGone(service, of)],
    ];
    for (const [name, step] of steps) measured.push([name, await timed(service, step)]);
  } finally {
    await service.stop();
  }
  return measured.map(([name, { wall_ms, longest_hold_up_ms, cpu_s }]) => ({
    case: `service_campaign_${name}_holds_up`,
    unit: 'ms',
    ours: { program: 'mofsim', version, value: rounded(longest_hold_up_ms) },
    peers: [],
    settings: { n_cells: N_STRUCTURES * N_TASKS, wall_ms: rounded(wall_ms), cpu_s: rounded(cpu_s), ...machineLoad() },
    notes: [],
  }));
}

/** While it runs, somebody else asks for the health of the service again and again. */
async function timed(service: ServiceProcess, step: () => Promise<unknown>): Promise<Timed> {
  await sleep(SETTLE_MS);
  const over = new AbortController();
  const others = (async () => {
    let longest = 0;
    while (!over.signal.aborted) {
      const asked = performance.now();
      await ask(service, 'GET', '/health');
      longest = Math.max(longest, performance.now() - asked);
      await sleep(ASKED_EVERY_MS);
    }
    return longest;
  })();
  const [began, cpu] = [performance.now(), service.ownCpuSeconds() ?? NaN];
  await step();
  const [wall_ms, cpu_s] = [performance.now() - began, (service.ownCpuSeconds() ?? NaN) - cpu];
  over.abort();
  return { wall_ms, cpu_s, longest_hold_up_ms: await others };
}

async function submitBatch(service: ServiceProcess): Promise<void> {
  const structure = { source: 'builtin', name: 'MOF-5_primitive' };
  const task = { task_type: 'single-point-energy', model: 'uff4mof', structure };
  const text = await ask(service, 'POST', '/tasks/batch', { tasks: Array.from({ length: N_BATCH }, () => task) });
  successSchema(batchReceiptSchema).parse(JSON.parse(text));
}

async function deleteUntilGone(service: ServiceProcess, path: string): Promise<void> {
  await ask(service, 'DELETE', path);
  while ((await send(service, 'GET', path)).status !== 404) await sleep(SETTLE_MS);
}

async function ask(service: ServiceProcess, method: string, path: string, body?: unknown): Promise<string> {
  const response = await send(service, method, path, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

function send({ url }: ServiceProcess, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${url}/api/v1${path}`, { method, headers, ...content });
}

/** @returns the id of the campaign */
function fillDatabase(home: string): string {
  const store = openStore(home);
  const campaign_id = createId('campaign');
  try {
    store.transaction(() => {
      store.campaigns.insert({
        campaign_id,
        owner: 'local',
        key_id: null,
        name: 'for the benchmark',
        tasks: Array.from({ length: N_TASKS }, (_, i) => ({
          label: `relaxation ${i}`,
          task_type: 'optimization' as const,
          parameters: { max_steps: 100 + i },
        })),
        models: ['uff4mof'],
        shared: { with_d3: false, priority: 'LOW', timeout: null, max_attempts: 3, tags: [] },
        n_structures: N_STRUCTURES,
        created_at: new Date().toISOString(),
      });
    });
    for (let first = 0; first < N_STRUCTURES; first += STRUCTURES_AT_ONCE) {
      store.transactionInPassing(() => {
        for (let i = first; i < first + STRUCTURES_AT_ONCE; i += 1) addStructure(store, campaign_id, i);
      });
    }
    store.campaigns.move(campaign_id, 'RECEIVING', 'ACTIVE');
  } finally {
    store.close();
  }
  return campaign_id;
}

function addStructure(store: Store, campaign_id: string, structure_index: number): void {
  const name = `framework ${structure_index}`;
  const source = { source: 'builtin' as const, name: 'MOF-5_primitive' };
  store.campaigns.addStructure(campaign_id, { structure_index, name, source });
  store.campaignReferences.add(campaign_id, { structure_name: name, quantity: QUANTITY, value: 40 });
  for (let task_index = 0; task_index < N_TASKS; task_index += 1) {
    const place = { structure_index, task_index, model_index: 0 };
    // One that was completed, as most are; see insertEnded.
    const i = 20 * (structure_index * N_TASKS + task_index) + 1;
    const task_id = insertEnded(store, i, Date.now(), campaign_id);
    store.campaignCells.add(campaign_id, place, null);
    store.campaignCells.place(campaign_id, place, task_id);
    const figures = { [QUANTITY]: 40 + (i % 7) / 3, converged: true, n_steps: 100 + (i % 50) };
    store.campaignCells.keepOutcome(task_id, { figures, warnings: [], doubt: null });
  }
}
