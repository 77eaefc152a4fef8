// What a user waits for besides the kernel: the start of the service, and the way of one task through it. The figures of the
// service under load are measured by its neighbors, and listed here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { machineLoad, median } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, startService } from '../service-process.ts';
import { measureCampaign } from './service-campaign.ts';
import { measureClients } from './service-clients.ts';
import { measureDatabase } from './service-database.ts';
import { measureGroups } from './service-groups.ts';
import { measureLoad } from './service-load.ts';
import { measureIdle, measureMemory } from './service-memory.ts';

const N_STARTS = 5;
const N_TASKS = 10;

/** Wall time of one task as a client sees it, and the time inside the kernel, s. */
async function timeTask(api: ApiClient): Promise<{ wall: number; kernel: number }> {
  const submitted = performance.now();
  const { task_id } = await api.submit('optimization', {
    model: 'uff4mof',
    structure: { source: 'builtin', name: 'MOF-5_primitive' },
    parameters: { fmax: 0.001 },
  });
  let kernel: number | null = null;
  for await (const event of api.events(task_id)) {
    if (event.type === 'log' && typeof event.context.kernel_seconds === 'number') kernel = event.context.kernel_seconds;
    if (event.type === 'state' && isFinalStatus(event.status)) break;
  }
  if (kernel === null) throw new Error('The log of the task does not tell the time in the kernel.');
  return { wall: (performance.now() - submitted) / 1000, kernel };
}

/** Each with a data folder of its own. `npm run bench -- --only service-load` runs one of them. */
export const SERVICE_CASES: Readonly<Record<string, (version: string, home: string) => Promise<Measurement[]>>> = {
  'service-start': measureStart,
  'service-load': measureLoad,
  'service-database': measureDatabase,
  'service-clients': measureClients,
  'service-campaign': measureCampaign,
  'service-groups': measureGroups,
  'service-memory': measureMemory,
  'service-idle': measureIdle,
};

export async function measureInNewHome(
  measure: (version: string, home: string) => Promise<Measurement[]>,
  version: string,
): Promise<Measurement[]> {
  const home = await mkdtemp(join(tmpdir(), 'mofsim-bench-'));
  try {
    return await measure(version, home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Start-up, the relaxation of MOF-5_primitive in the kernel, and what a task costs beyond the kernel. */
async function measureStart(version: string, home: string): Promise<Measurement[]> {
  const starts: number[] = [];
  for (let i = 0; i < N_STARTS; i += 1) {
    const { seconds, stop } = await startService(join(home, 'starts'));
    starts.push(seconds);
    await stop();
  }
  const { url, stop } = await startService(join(home, 'tasks'));
  const times: { wall: number; kernel: number }[] = [];
  try {
    const api = new ApiClient(url, API_KEY, AbortSignal.timeout(600_000));
    await timeTask(api);
    for (let i = 0; i < N_TASKS; i += 1) times.push(await timeTask(api));
  } finally {
    await stop();
  }
  const ours = (value: number) => ({ program: 'mofsim', version, value });
  const common = { peers: [], notes: [] };
  const settings = { structure: 'MOF-5_primitive', n_atoms: 106, repeats: N_TASKS, ...machineLoad() };
  return [
    {
      case: 'service_start_to_first_answer',
      unit: 's',
      ours: ours(median(starts)),
      settings: { repeats: N_STARTS, ...machineLoad() },
      ...common,
    },
    {
      case: 'relaxation_in_the_kernel',
      unit: 's',
      ours: ours(median(times.map(({ kernel }) => kernel))),
      settings: { ...settings, fmax_eV_A: 0.001, relax_cell: true },
      ...common,
    },
    {
      case: 'task_overhead_beyond_kernel',
      unit: 's',
      ours: ours(median(times.map(({ wall, kernel }) => wall - kernel))),
      settings,
      ...common,
    },
  ];
}
